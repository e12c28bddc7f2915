"""Help, usage errors and the form of every command's output."""

import json
import os
import shutil
import subprocess

from tap import TESSERA, Skip, bad, environment, good, main, run, test

COMMANDS = ['new', 'add', 'train', 'embed', 'map', 'suggest', 'label', 'classify', 'evaluate', 'export', 'generate', 'reconstruct', 'demo',
            'devices', 'bench train', 'bench embed', 'bench tsne', 'bench classify', 'bench draw',
            'bench import', 'bench slide', 'bench lab']


@test
def help_lists_all(folder):
    """--help lists every command and exits 0; so do -h and help"""
    for words in (['--help'], ['-h'], ['help']):
        result = run(*words)
        assert result.code == 0 and result.err == '', str(result)
        for name in {command.split()[0] for command in COMMANDS}:
            assert f'\n  {name} ' in result.out, f'{name} is missing: {result.out}'
        assert 'research use only' in result.out


@test
def every_help(folder):
    """Every command has --help with usage, options and nothing on standard error"""
    for command in COMMANDS:
        result = run(*command.split(), '--help')
        assert result.code == 0 and result.err == '', f'{command}: {result}'
        assert result.out.startswith(f'Usage: tessera {command}'), f'{command}: {result}'
        assert '--json' in result.out and '--help' in result.out, f'{command}: {result}'


@test
def promised_options(folder):
    """The options that others' scripts rely on are there"""
    promised = {
        'new': '--tiles --labels-from-folders', 'add': '--tiles',
        'train': '--preset --encoder-only --resolution --channel-base --channel-max --w-dim --mapping-layers --batch --kimg '
                 '--gamma --shared-layers --lambda --beta --seed --device --resume',
        'embed': '--model --untrained', 'map': '--perplexity --seed --method --balance', 'suggest': '-k --strategy', 'label': '--from',
        'classify': '--rule', 'evaluate': '--labels --runs --strategies --rules --remap', 'export': '--csv --map --folders',
        'generate': '-n --out', 'reconstruct': '--device', 'bench lab': '-n --frames --model', 'bench tsne': '-n -d --input', 'bench classify': '-n -k', 'bench draw': '-n',
        'bench import': '-n --tile-size --mpp --overlap', 'bench slide': '--width --height --tile-size',
        'bench train': '--device --config --precision',
        'demo': '--reset --headless'}
    for command, options in promised.items():
        text = run(*command.split(), '--help').out
        for option in options.split():
            assert f'{option} ' in text or f'{option}\n' in text, f'{command} lacks {option}:\n{text}'


@test
def version(folder):
    """--version prints name and version"""
    result = run('--version')
    assert result.code == 0 and result.out.startswith('tessera ') and result.out.split()[1][0].isdigit(), str(result)


@test
def unknown_command(folder):
    """A command that does not exist exits 2 and lists those that do"""
    bad(2, 'trian', says=['trian', 'train', 'evaluate'], cwd=folder)
    result = run('help', 'trian')
    assert result.code == 2 and 'trian' in result.err, str(result)


@test
def usage_errors(folder):
    """Usage errors exit 2, name the option and the valid values"""
    bad(2, 'new', says=['new PROJECT'])
    bad(2, 'new', 'P', says=['--tiles'])
    bad(2, 'new', 'P', 'Q', '--tiles', '.', says=['Q'])
    bad(2, 'new', 'P', '--tile', '.', says=['--tile', '--tiles', '--labels-from-folders'])
    bad(2, 'new', 'P', '--tiles', says=['--tiles needs'])
    bad(2, 'new', 'P', '--labels-from-folders=yes', '--tiles', '.', says=['--labels-from-folders takes no value'])
    bad(2, 'suggest', 'P', '-k', '0', says=['-k', '“0”', '1', '1000000'])
    bad(2, 'suggest', 'P', '-k', 'ten', says=['-k', '“ten”'])
    bad(2, 'suggest', 'P', '-k', '5x', says=['-k', '“5x”'])
    bad(2, 'suggest', 'P', '--strategy', 'best', says=['--strategy', '“best”', 'fps, random'])
    bad(2, 'classify', 'P', '--rule', 'forest', says=['--rule', '“forest”', 'map, w, knn, spread, linear'])
    bad(2, 'evaluate', 'P', '--labels', '10,x', says=['--labels', '10,x'])
    bad(2, 'evaluate', 'P', '--labels', '', says=['--labels'])
    bad(2, 'evaluate', 'P', '--runs', '-1', says=['--runs', '-1'])
    bad(2, 'evaluate', 'P', '--rules', 'map,map', says=['--rules', 'map, w'])
    bad(2, 'evaluate', 'P', '--strategies', 'fps,', says=['--strategies', 'fps, random'])
    bad(2, 'export', 'P', says=['--csv', '--map', '--folders'])
    bad(2, 'export', 'P', '--map', 'map.jpg', says=['--map', '.png', '.svg', '.pdf'])
    bad(2, 'label', 'P', says=['TILE CLASS', '--from'])
    bad(2, 'label', 'P', 'tile', says=['TILE CLASS'])
    bad(2, 'label', 'P', 'tile', 'class', '--from', 'x.csv', says=['--from'])
    bad(2, 'label', 'P', 'tile', '--unsure', '--clear', says=['--unsure', '--clear'])
    bad(2, 'bench', says=['tsne'])
    bad(2, 'bench', 'cooking', says=['cooking', 'tsne', 'classify'])
    bad(2, 'bench', 'tsne', '-n', '1', says=['-n', '“1”'])
    assert os.listdir(folder) == []


@test
def wording(folder):
    """What is missing is called missing, ranges can be read, and no sentence has stray blanks"""
    for words in (['bench'], ['bench', '--json'], ['bench', '-n', '4']):
        result = run(*words)
        assert result.code == 2 and 'The kind is missing' in result.err and 'tsne, classify' in result.err, str(result)
    assert 'device' in run('bench', '--json', 'train', '--help').out, 'options stand anywhere'
    assert good('bench', 'classify', '-n', '100', '-k', '2')['n'] == 100
    assert run('bench', '--json', 'classify', '-n', '100', '-k', '2').json['n'] == 100
    assert bad(2, 'devices', 'extra').endswith('use it as: tessera devices.')
    assert bad(2, 'bench', 'draw', 'extra').endswith('use it as: tessera bench draw.')
    for words in (['map', 'P'], ['suggest', 'P'], ['generate', 'M', '--out', 'O']):
        assert 'from 0 to 9223372036854775807.' in bad(2, *words, '--seed', 'x')
        assert '9223372036854775808' in bad(2, *words, '--seed', '9223372036854775808')


@test
def no_such_project(folder):
    """Without a display, what is wrong with the words is said before the display is missed"""
    for name in ('nope.tessera', 'sub/nope', os.path.join(folder, 'nope.tessera')):
        sentence = bad(1, name, says=[name, 'tessera new'], cwd=folder)
        assert 'isplay' not in sentence, sentence
    result = run('nope.tessera', '--json', cwd=folder)
    assert result.code == 1 and result.json['error']['kind'] == 'project', str(result)
    result = run('--json')
    assert result.code == 2 and result.json['error']['kind'] == 'usage' and 'command' in result.json['error']['message'], str(result)
    result = run('trian', '--json', cwd=folder)
    assert result.code == 2 and result.json['error']['kind'] == 'usage', str(result)
    with open(os.path.join(folder, 'there.tessera'), 'w', encoding='utf-8'):
        pass
    bad(1, 'there.tessera', says=['display'], cwd=folder)


@test
def training_usage(folder):
    """train, map and generate refuse values that make no sense"""
    bad(2, 'train', 'P', '--preset', 'fast', says=['--preset', 'quick, standard, thorough, paper'])
    bad(2, 'train', 'P', '--resolution', '100', says=['--resolution', '64', '128'])
    bad(2, 'train', 'P', '--resolution', '8', says=['--resolution', '16'])
    bad(2, 'train', 'P', '--channels', '2', says=['--channels', '1', '3'])
    bad(2, 'train', 'P', '--kimg', 'nan', says=['--kimg', 'nan'])
    bad(2, 'train', 'P', '--lambda', '-1', says=['--lambda', '-1'])
    bad(2, 'train', 'P', '--precision', 'f16', says=['--precision', 'f32, bf16'])
    bad(2, 'map', 'P', '--method', 'isomap', says=['--method', 'tsne, umap, pca'])
    bad(2, 'map', 'P', '--perplexity', '0', says=['--perplexity'])
    bad(2, 'map', 'P', '--balance', '1.5', says=['--balance'])
    for option, method, others in (('neighbours', 'tsne', 'umap'), ('min-dist', 'tsne', 'umap'), ('perplexity', 'umap', 'tsne'), ('exaggeration', 'umap', 'tsne'),
                                   ('perplexity', 'pca', 'tsne'), ('iterations', 'pca', 'tsne or umap'), ('balance', 'pca', 'tsne or umap')):
        bad(2, 'map', 'P', '--method', method, f'--{option}', '1' if option != 'min-dist' else '0.2', says=[f'--{option} means nothing to --method {method}', f'--method {others}.'])
        if option != 'balance':
            bad(2, 'bench', 'tsne', '-n', '9', '--method', method, f'--{option}', '1' if option != 'min-dist' else '0.2', says=[f'--{option} means nothing'])
    bad(2, 'generate', 'model.safetensors', '-n', '4', says=['--out'])


@test
def usage_as_json(folder):
    """With --json an error is one object too"""
    result = run('suggest', 'P', '-k', 'x', '--json')
    assert result.code == 2 and result.json['error']['kind'] == 'usage' and '-k' in result.json['error']['message']
    result = run('classify', os.path.join(folder, 'none.tessera'), '--json')
    assert result.code == 1 and 'none.tessera' in result.json['error']['message'], str(result)
    result = run('bench', 'cooking', '--json')
    assert result.code == 2 and result.json['error']['kind'] == 'usage', str(result)


@test
def option_forms(folder):
    """--name=value, -kN, -k N, options anywhere, and -- before a name that begins with a dash"""
    for words in (['-k3'], ['-k', '3'], ['--k=3'], ['-k=3']):
        result = run('suggest', *words, os.path.join(folder, 'none.tessera'))
        assert result.code == 1 and 'none.tessera' in result.err, str(result)
    result = run('suggest', '--', '--json')
    assert result.code == 1 and '--json' in result.err and result.out == '', str(result)


@test
def no_project(folder):
    """A project that is not there is a failure that names it"""
    for command in ('suggest', 'classify', 'evaluate', 'embed', 'map'):
        bad(1, command, os.path.join(folder, 'none.tessera'), says=['none.tessera'])
    bad(1, 'export', os.path.join(folder, 'none.tessera'), '--csv', os.path.join(folder, 'x.csv'), says=['none.tessera'])
    bad(1, 'label', os.path.join(folder, 'none.tessera'), 'a', 'b', says=['none.tessera'])
    assert os.listdir(folder) == []


@test
def devices(folder):
    """devices lists what OpenCL offers, the default first"""
    value = good('devices')
    assert set(value) == {'devices'}
    for i, device in enumerate(value['devices']):
        assert set(device) == {'id', 'name', 'platform', 'driver', 'type', 'memory', 'max_allocation', 'compute_units', 'score',
                               'default'}
        assert device['type'] in ('cpu', 'gpu', 'accelerator') and device['default'] == (i == 0)
        assert device['memory'] > 0 and device['compute_units'] > 0
    scores = [device['score'] for device in value['devices']]
    assert scores == sorted(scores, reverse=True)
    assert run('devices').code == 0


@test
def full_output(folder):
    """A result that cannot be written is a failure"""
    with open('/dev/full', 'w', encoding='utf-8') as full:
        result = run('devices', '--json', stdout=full)
    assert result.code == 1 and 'standard output' in result.err, str(result)


@test
def english(folder):
    """The command line speaks English, whatever the language: no sentence is half translated"""
    if not shutil.which('msgfmt'):
        raise Skip('msgfmt is not installed')
    texts = os.path.join(folder, 'de', 'LC_MESSAGES')
    os.makedirs(texts)
    catalogue = ['msgid ""', r'msgstr "Content-Type: text/plain; charset=UTF-8\n"']
    for english in ('There is no project “%s”; check the name, or create it first.', 'Cannot read “%s”', 'Reading the project',
                    'it does not exist. Check the name'):
        catalogue += ['msgid "%s"' % english, 'msgstr "%s"' % ('XX %s' if '%' in english else 'XX')]
    subprocess.run(['msgfmt', '-o', os.path.join(texts, 'tessera.mo'), '-'], input='\n'.join(catalogue).encode(), check=True)
    german = {'LANGUAGE': 'de', 'TESSERA_LOCALE_DIR': folder}
    missing = os.path.join(folder, 'missing.tessera')
    bad(1, 'classify', missing, env=german, says=['There is no project'])
    bad(1, 'new', missing, '--slides', os.path.join(folder, 'none.svs'), env=german, says=['does not exist'])


@test
def no_display(folder):
    """Commands neither need nor open a display"""
    done = subprocess.run([TESSERA, 'devices', '--json'], env={**environment(), 'DISPLAY': ':nonsense'}, capture_output=True,
                          timeout=60)
    assert done.returncode == 0 and b'isplay' not in done.stderr, done.stderr
    json.loads(done.stdout)


main()
