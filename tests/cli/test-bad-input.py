"""Files nobody has checked: the good ones are imported, the bad ones listed with one clear sentence, nothing is lost."""

import os
import subprocess

import pictures
from tap import Skip, TESSERA, bad, environment, fixture, fixture_input, good, main, mortal, run, test


def project_of(folder, **files):
    """A folder with the given files and one good tile, imported; returns the result."""
    source = os.path.join(folder, 'tiles')
    pictures.write(os.path.join(source, 'good.png'), pictures.plain())
    for name, data in files.items():
        pictures.write(os.path.join(source, name), data)
    return good('new', os.path.join(folder, 'p.tessera'), '--tiles', source)


def skipped(value):
    """What was refused, by name; every reason is a sentence."""
    for entry in value['skipped']:
        assert set(entry) == {'file', 'reason'}, entry
        assert entry['reason'].rstrip().endswith('.') and '\n' not in entry['reason'], entry
    return {entry['file']: entry['reason'] for entry in value['skipped']}


@test
def broken(folder):
    """Truncated, zero-byte, huge, mislabelled and non-image files"""
    whole = pictures.noise(40, 7)
    value = project_of(folder, **{'cut.png': whole[:len(whole) // 2], 'header.png': whole[:20], 'zero.png': b'',
                                  'huge.png': pictures.huge(), 'lie.png': b'this is no picture\n' * 50,
                                  'noise.jpg': bytes(range(256)) * 20, 'renamed.jpg': pictures.noise(20, 3)})
    refused = skipped(value)
    assert set(refused) == {'cut.png', 'header.png', 'zero.png', 'huge.png', 'lie.png', 'noise.jpg'}, refused
    assert value['tiles'] == 2, 'a PNG called .jpg is a picture all the same'


@test
def nothing_readable(folder):
    """Where every file is refused, each has its sentence, also with --json"""
    source, project = os.path.join(folder, 'tiles'), os.path.join(folder, 'p.tessera')
    pictures.write(os.path.join(source, 'a.png'), b'')
    pictures.write(os.path.join(source, 'b.png'), pictures.noise(20, 3)[:30])
    result = run('new', '--json', project, '--tiles', source)
    assert result.code == 1 and set(skipped(result.json)) == {'a.png', 'b.png'} and 'error' in result.json, str(result)
    result = run('new', project, '--tiles', source)
    assert [line.split(':')[0] for line in result.err.splitlines() if line.startswith('Skipped')] == ['Skipped a.png', 'Skipped b.png'], str(result)
    assert not os.path.exists(project)


@test
def pipes(folder):
    """A pipe is no file: whatever would be read from it is refused at once, with one sentence that names it"""
    source, pipe = os.path.join(folder, 'tiles'), os.path.join(folder, 'pipe')
    for i in range(4):
        pictures.write(os.path.join(source, f'{i}.png'), pictures.noise(16, i))
    slide = os.path.join(folder, 's.tif')
    pictures.write(slide, pictures.tiff(96, 96, lambda x, y: (140, 70, 150), 0.5))
    project, slides = os.path.join(folder, 'p.tessera'), os.path.join(folder, 's.tessera')
    good('new', project, '--tiles', source)
    good('new', slides, '--slides', slide, '--no-mask', '--tile-size', '32')
    for ending in ('tif', 'csv', 'geojson', 'npy', 'tessera', 'safetensors', 'h5', 'svs'):
        os.mkfifo(f'{pipe}.{ending}')
    new, more = os.path.join(folder, 'n.tessera'), ['--no-mask', '--tile-size', '32']
    for words in (['new', new, '--slides', f'{pipe}.tif'], ['new', new, '--slides', f'{pipe}.svs'],
                  ['new', new, '--slides', slide, *more[:1], '--area', f'{pipe}.geojson'],
                  ['new', new, '--slides', slide, '--coords', f'{pipe}.h5'], ['new', new, '--slides', slide, '--coords', f'{pipe}.csv'],
                  ['label', project, '--from', f'{pipe}.csv'], ['label', slides, '--geojson', f'{pipe}.geojson', '--slide', 's'],
                  ['columns', project, '--from', f'{pipe}.csv'], ['place', project, '--from', f'{pipe}.h5'],
                  ['agreement', project, f'{pipe}.tessera'], ['agreement', project, f'{pipe}.csv'], ['merge', project, f'{pipe}.tessera'],
                  ['export', f'{pipe}.tessera', '--csv', os.path.join(folder, 'x.csv')], ['bench', 'tsne', '--input', f'{pipe}.npy'],
                  ['embed', project, '--model', f'{pipe}.safetensors']):
        result = run(*words, timeout=30)
        lines = [line for line in result.err.splitlines() if line.startswith('tessera')]
        assert result.code in (1, 2) and len(lines) == 1 and 'pipe' in lines[0], (words, str(result))
    assert not os.path.exists(new)


@test
def other_files(folder):
    """Notes, scripts and the project's own file do not stop the import"""
    value = project_of(folder, **{'README': b'notes', 'list.csv': b'a,b\n', 'sub/x.txt': b'text'})
    assert value['tiles'] == 1, value


@test
def unusual_pngs(folder):
    """16-bit and palette PNGs become tiles"""
    value = project_of(folder, **{'deep.png': pictures.sixteen_bit(), 'palette.png': pictures.palette()})
    assert value['tiles'] == 3 and value['skipped'] == [], value


@test
def unusual_formats(folder):
    """CMYK JPEG, grey and alpha, animated GIF, TIFF, WebP and BMP become tiles or are listed"""
    image = pictures.pil()
    source = os.path.join(folder, 'tiles')
    os.mkdir(source)
    rgb = image.new('RGB', (24, 24), (180, 90, 140))
    frames = [image.new('P', (24, 24), i) for i in range(3)]
    rgb.save(os.path.join(source, 'rgb.png'))
    rgb.convert('CMYK').save(os.path.join(source, 'cmyk.jpg'))
    rgb.convert('L').save(os.path.join(source, 'grey.png'))
    image.new('RGBA', (24, 24), (9, 9, 9, 128)).save(os.path.join(source, 'alpha.png'))
    rgb.save(os.path.join(source, 'tile.tif'))
    rgb.save(os.path.join(source, 'tile.bmp'))
    rgb.save(os.path.join(source, 'tile.webp'))
    frames[0].save(os.path.join(source, 'moving.gif'), save_all=True, append_images=frames[1:])
    value = good('new', os.path.join(folder, 'p.tessera'), '--tiles', source)
    refused = skipped(value)
    assert value['tiles'] + len(refused) == 8, value
    assert not {'rgb.png', 'grey.png', 'alpha.png', 'tile.tif'} & set(refused), refused


@test
def unreadable(folder):
    """A file without permission is listed"""
    source = os.path.join(folder, 'tiles')
    pictures.write(os.path.join(source, 'good.png'), pictures.plain())
    pictures.write(os.path.join(source, 'secret.png'), pictures.noise(20, 5))
    pictures.write(os.path.join(source, 'closed', 'inside.png'), pictures.noise(20, 6))
    someone = mortal(folder)
    os.chmod(os.path.join(source, 'secret.png'), 0)
    os.chmod(os.path.join(source, 'closed'), 0)
    value = good('new', os.path.join(folder, 'p.tessera'), '--tiles', source, **someone)
    os.chmod(os.path.join(source, 'closed'), 0o755)
    assert value['tiles'] == 1 and set(skipped(value)) == {'secret.png', 'closed'}, value


@test
def links(folder):
    """Symbolic link loops end, dangling links are no tiles, a linked file is a tile"""
    source = os.path.join(folder, 'tiles')
    pictures.write(os.path.join(source, 'sub', 'good.png'), pictures.plain())
    os.symlink('..', os.path.join(source, 'sub', 'up'))
    os.symlink('loop', os.path.join(source, 'loop'))
    os.symlink('nowhere.png', os.path.join(source, 'gone.png'))
    value = good('new', os.path.join(folder, 'p.tessera'), '--tiles', source, timeout=60)
    assert value['tiles'] == 1, value


@test
def pipes(folder):
    """A named pipe does not hang the import"""
    source = os.path.join(folder, 'tiles')
    pictures.write(os.path.join(source, 'good.png'), pictures.plain())
    os.mkfifo(os.path.join(source, 'pipe.png'))
    assert good('new', os.path.join(folder, 'p.tessera'), '--tiles', source, timeout=60)['tiles'] == 1


@test
def one_image(folder):
    """A folder with one image is a project"""
    value = project_of(folder)
    assert value['tiles'] == 1
    project = os.path.join(folder, 'p.tessera')
    assert len(good('suggest', project, '-k', '5', '--strategy', 'random')['tiles']) == 1
    good('label', project, '#0', 'only')
    assert good('export', project, '--csv', os.path.join(folder, 'x.csv'))['csv']['records'] == 1


@test
def mixed_sizes(folder):
    """Tiles of different sizes and shapes live together"""
    value = project_of(folder, **{'tall.png': pictures.plain(8, height=90), 'tiny.png': pictures.plain(1),
                                  'large.png': pictures.plain(200)})
    assert value['tiles'] == 4 and value['skipped'] == [], value


@test
def duplicate_names(folder):
    """The same name in two folders is two tiles; a name alone that two folders' tiles have is refused"""
    project = os.path.join(folder, 'p.tessera')
    for sub, seed in (('a', 1), ('b', 2)):
        pictures.write(os.path.join(folder, sub, 'tile.png'), pictures.noise(20, seed))
    good('new', project, '--tiles', os.path.join(folder, 'a'))
    assert good('add', project, '--tiles', os.path.join(folder, 'b'))['tiles'] == 2
    bad(1, 'label', project, 'tile.png', 'x', says=['tile.png', '#0', '#1'])
    good('label', project, '#1', 'x')
    good('label', project, os.path.join(folder, 'a', 'tile.png'), 'y')
    value = good('export', project, '--folders', os.path.join(folder, 'out'))
    assert value['folders']['copied'] == 2
    good('label', project, '#0', 'x')
    good('export', project, '--folders', os.path.join(folder, 'out2'))
    assert len(os.listdir(os.path.join(folder, 'out2', 'x'))) == 2, 'neither of two files of one name is lost'


@test
def odd_names(folder):
    """Names with line breaks, quotes, leading dashes and bytes that are not UTF-8 survive"""
    source, project = os.fsencode(os.path.join(folder, 'tiles')), os.path.join(folder, 'p.tessera')
    os.mkdir(source)
    names = [b'line\nbreak.png', b'"quoted", or not.png', b'-k.png', b'caf\xe9.png', b' blanks .png', 'Gewebe ä.png'.encode(),
             b'\x1b[31mred.png', b'#0.png', b'=1+1.png']
    for i, name in enumerate(names):
        with open(os.path.join(source, name), 'wb') as file:
            file.write(pictures.noise(20, i + 1))
    value = good('new', project, '--tiles', os.fsdecode(source))
    assert value['tiles'] == len(names) and value['skipped'] == [], value
    good('export', project, '--csv', os.path.join(folder, 'x.csv'))
    import csv  # pylint: disable=import-outside-toplevel
    with open(os.path.join(folder, 'x.csv'), newline='', encoding='utf-8') as file:
        shown = [row['file'] for row in csv.DictReader(file)]
    assert len(set(shown)) == len(names)
    for name in shown:
        good('label', project, '--', name, 'seen')
    text = run('suggest', project, '-k', '20', '--strategy', 'random')
    assert text.code == 0 and '\x1b' not in text.out + text.err, 'control characters stay off the terminal'
    good('label', project, '--clear', '--', shown[0])
    text = run('suggest', project, '-k', '20', '--strategy', 'random')
    assert '\x1b' not in text.out + text.err
    value = good('export', project, '--folders', os.path.join(folder, 'out'), '--only', 'labelled')
    assert value['folders']['copied'] == len(names) - 1
    copied = set(os.listdir(os.fsencode(os.path.join(folder, 'out', 'seen'))))
    assert len(copied) == len(names) - 1 and copied <= set(names), copied


@test
def odd_project_name(folder):
    """A project whose own name is not UTF-8 works"""
    source = os.path.join(folder, 'tiles')
    pictures.tiles(source)
    project = os.fsencode(folder) + b'/caf\xe9 \n.tessera'
    result = run('new', project, '--tiles', source, '--json')
    assert result.code == 0 and result.json['tiles'] == 12, str(result)
    result = run('suggest', project, '-k', '2', '--strategy', 'random', '--json')
    assert result.code == 0 and len(result.json['tiles']) == 2, str(result)


@test
def read_only(folder):
    """A project in a read-only folder, and exports into one: a sentence, nothing half written"""
    source, place = os.path.join(folder, 'tiles'), os.path.join(folder, 'ro')
    pictures.tiles(source)
    os.mkdir(place)
    project = os.path.join(folder, 'p.tessera')
    good('new', project, '--tiles', source)
    good('new', os.path.join(place, 'r.tessera'), '--tiles', source)
    someone = mortal(folder)
    os.chmod(place, 0o555)
    bad(1, 'new', os.path.join(place, 'q.tessera'), '--tiles', source, says=['q.tessera'], **someone)
    bad(1, 'export', project, '--csv', os.path.join(place, 'x.csv'), says=['x.csv'], **someone)
    bad(1, 'export', project, '--map', os.path.join(place, 'x.png'), **someone)
    bad(1, 'export', project, '--folders', os.path.join(place, 'out'), says=['out'], **someone)
    bad(1, 'label', os.path.join(place, 'r.tessera'), '#0', 'x', says=['r.tessera'], **someone)
    assert os.listdir(place) == ['r.tessera']
    value = good('export', os.path.join(place, 'r.tessera'), '--csv', os.path.join(folder, 'x.csv'), **someone)
    assert value['csv']['records'] == 12, 'reading needs no permission to write'


@test
def says_what_to_do(folder):
    """Errors of files say what to do, not only what the system says"""
    source, project = os.path.join(folder, 'tiles'), os.path.join(folder, 'p.tessera')
    pictures.tiles(source)
    good('new', project, '--tiles', source)
    good('label', project, '#0', 'x')
    gone, closed = os.path.join(folder, 'gone'), os.path.join(folder, 'closed')
    make = ['“' + gone + '”', 'Make it first']
    bad(1, 'new', os.path.join(gone, 'q.tessera'), '--tiles', source, says=make)
    bad(1, 'export', project, '--csv', os.path.join(gone, 'x.csv'), says=make)
    bad(1, 'export', project, '--folders', os.path.join(gone, 'out'), says=make)
    bad(1, 'export', project, '--csv', source, says=['tiles', 'Choose the name of a file'])
    bad(1, 'export', project, '--csv', os.path.join(project, 'x.csv'), says=['x.csv', 'Check the path'])
    bad(1, 'export', project, '--csv', os.path.join(folder, 'x' * 300), says=['too long', 'shorter'])
    bad(1, 'label', project, '--from', os.path.join(folder, 'no.csv'), says=['no.csv', 'Check the name'])
    bad(1, 'new', os.path.join(folder, 'q.tessera'), '--tiles', gone, says=['gone', 'Check the name'])
    bad(1, 'bench', 'tsne', '--input', os.path.join(folder, 'no.npy'), says=['no.npy', 'Check the name'])
    os.mkdir(closed)
    someone = mortal(folder)
    os.chmod(closed, 0o555)
    change = ['permission', 'choose another place']
    bad(1, 'new', os.path.join(closed, 'q.tessera'), '--tiles', source, says=['q.tessera', *change], **someone)
    bad(1, 'export', project, '--csv', os.path.join(closed, 'x.csv'), says=['x.csv', *change], **someone)
    bad(1, 'export', project, '--folders', os.path.join(closed, 'out'), says=['out', *change], **someone)


@test
def full_disk(folder):
    """A full disk: a sentence that says so, the former file untouched, no project half made"""
    mount = os.path.join(folder, 'small')
    os.mkdir(mount)
    if os.geteuid() != 0 or subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=400k', 'tmpfs', mount],
                                           capture_output=True, check=False).returncode != 0:
        raise Skip('no file system of our own can be mounted here')
    try:
        source, project = os.path.join(folder, 'tiles'), os.path.join(folder, 'p.tessera')
        for i in range(600):
            pictures.write(os.path.join(source, f'{i:04}.png'), pictures.noise(16, i + 1))
        bad(1, 'new', os.path.join(mount, 'q.tessera'), '--tiles', source, says=['full'])
        assert os.listdir(mount) == [], os.listdir(mount)
        good('new', project, '--tiles', source)
        table = os.path.join(mount, 'x.csv')
        pictures.write(table, b'former')
        pictures.write(os.path.join(mount, 'filler'), b'.' * 380000)
        bad(1, 'export', project, '--csv', table, says=['x.csv', 'full'])
        with open(table, 'rb') as file:
            assert file.read() == b'former'
        assert sorted(os.listdir(mount)) == ['filler', 'x.csv']
    finally:
        subprocess.run(['umount', mount], check=False)


@test
def reading_on_a_full_disk(folder):
    """A project on a full disk is classified and exported elsewhere; an export that finds no room names its own file"""
    mount = os.path.join(folder, 'small')
    os.mkdir(mount)
    if os.geteuid() != 0 or subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', mount],
                                           capture_output=True, check=False).returncode != 0:
        raise Skip('no file system of our own can be mounted here')
    try:
        source, project = os.path.join(folder, 'tiles'), os.path.join(mount, 'p.tessera')
        pictures.tiles(source)
        good('new', project, '--tiles', source)
        fixture_input(''.join(f'{i} {i % 3}\n' for i in range(12)), 'map', project)
        good('label', project, '#0', 'fat')
        good('label', project, '#11', 'tumour')
        with open(os.path.join(mount, 'filler'), 'wb', buffering=0) as filler:
            try:
                while True:
                    filler.write(b'.' * 4096)
            except OSError:
                pass
        assert good('classify', project)['predicted'] == 10
        value = good('export', project, '--csv', os.path.join(folder, 'x.csv'), '--map', os.path.join(folder, 'x.svg'),
                     '--folders', os.path.join(folder, 'sorted'))
        assert value['csv']['records'] == 12 and value['folders']['copied'] == 12, value
        for name in ('x.csv', 'x.png', 'x.svg', 'x.pdf'):
            option = '--csv' if name == 'x.csv' else '--map'
            said = bad(1, 'export', project, option, os.path.join(mount, name), says=[name, 'full'])
            assert 'p.tessera' not in said, said
        said = bad(1, 'export', project, '--folders', os.path.join(mount, 'out'), says=['out', 'full'])
        assert 'p.tessera' not in said, said
        bad(1, 'label', project, '#1', 'fat', says=['p.tessera', 'full'])
        assert good('classify', project)['predicted'] == 10
        assert sorted(os.listdir(mount)) == ['filler', 'p.tessera'], os.listdir(mount)
    finally:
        subprocess.run(['umount', mount], check=False)


@test
def nothing_stays_beside(folder):
    """After every command the project is the one file"""
    project_of(folder, **{f'{i}.png': pictures.noise(24, i + 1) for i in range(5)})
    project, table = os.path.join(folder, 'p.tessera'), os.path.join(folder, 'x.csv')
    fixture_input(''.join(f'{i} {i % 3} {i % 2}\n' for i in range(6)), 'vectors', project, '3')
    for words in (['map', project, '--method', 'pca'], ['label', project, '#0', 'a'], ['label', project, '#5', 'b'],
                  ['suggest', project, '-k', '2'], ['classify', project], ['export', project, '--csv', table],
                  ['columns', project, '--from', table], ['columns', project], ['add', project, '--tiles', folder]):
        good(*words)
        beside = [name for name in os.listdir(folder) if name.startswith('p.tessera-')]
        assert not beside, f'{words}: {beside}'


@test
def newer_project(folder):
    """A project from a newer version is refused and not changed"""
    project_of(folder)
    project = os.path.join(folder, 'p.tessera')
    fixture('version', project, '1000')
    for words in (['classify', project], ['label', project, '#0', 'x'], ['suggest', project]):
        bad(1, *words, says=['p.tessera', 'newer'])
    result = run('classify', project, '--json')
    assert result.json['error']['kind'] == 'newer', str(result)


@test
def corrupted_project(folder):
    """Damaged projects and files that are none: a sentence, never a crash"""
    project_of(folder, **{f'{i}.png': pictures.noise(24, i + 1) for i in range(40)})
    project = os.path.join(folder, 'p.tessera')
    with open(project, 'rb') as file:
        whole = file.read()
    damaged = {'text': b'not a project at all\n' * 100, 'empty': b'', 'half': whole[:len(whole) // 2], 'short': whole[:100],
               'header': b'\0' * 100 + whole[100:], 'middle': whole[:4096] + b'\xff' * 8192 + whole[12288:]}
    for name, data in damaged.items():
        path = os.path.join(folder, name + '.tessera')
        with open(path, 'wb') as file:
            file.write(data)
        for words in (['suggest', path, '--strategy', 'random'], ['label', path, '#0', 'x'],
                      ['export', path, '--csv', os.path.join(folder, 'x.csv')]):
            result = run(*words, timeout=60)
            assert result.code in (0, 1) and (result.code == 0 or name + '.tessera' in result.err), f'{name} {words}: {result}'
            if name in ('text', 'short', 'header'):
                assert result.code == 1, f'{name} {words}: {result}'


@test
def another_database(folder):
    """A database of some other program is not taken for a project"""
    import sqlite3  # pylint: disable=import-outside-toplevel
    path = os.path.join(folder, 'other.tessera')
    with sqlite3.connect(path) as database:
        database.execute('CREATE TABLE t (x)')
    bad(1, 'suggest', path, says=['other.tessera'])


@test
def folder_as_project(folder):
    """A folder is not a project"""
    bad(1, 'suggest', folder, says=[os.path.basename(folder)])


@test
def corrupted_model(folder):
    """Models that are damaged or none: a sentence that names the file"""
    project_of(folder)
    for name, data in {'text': b'no model', 'empty': b'', 'long': b'\xff' * 64, 'json': b'\x02\0\0\0\0\0\0\0{}'}.items():
        path = os.path.join(folder, name + '.safetensors')
        pictures.write(path, data)
        bad(1, 'embed', os.path.join(folder, 'p.tessera'), '--model', path, says=[name + '.safetensors'])
        bad(1, 'generate', path, '-n', '1', '--out', os.path.join(folder, 'out'), says=[name + '.safetensors'])
    bad(1, 'embed', os.path.join(folder, 'p.tessera'), '--model', os.path.join(folder, 'none.safetensors'),
        says=['none.safetensors'])


@test
def generated_over(folder):
    """generate writes into a new or an empty folder only, and looks there before it looks at the model"""
    out, model = os.path.join(folder, 'out'), os.path.join(folder, 'none.safetensors')
    pictures.write(os.path.join(out, 'generated-000000.png'), b'precious')
    bad(1, 'generate', model, '-n', '1', '--out', out, says=['“' + out + '”', 'new or empty'])
    bad(1, 'generate', model, '-n', '1', '--out', os.path.join(out, 'generated-000000.png'), says=['not a folder'])
    with open(os.path.join(out, 'generated-000000.png'), 'rb') as file:
        assert file.read() == b'precious'


@test
def killed(folder):
    """kill -9 while importing leaves nothing that will not open"""
    source, project = os.path.join(folder, 'tiles'), os.path.join(folder, 'p.tessera')
    for i in range(300):
        pictures.write(os.path.join(source, f'{i}.png'), pictures.noise(24, i + 1))
    for wait in (0.02, 0.1, 0.2, 0.3):
        process = subprocess.Popen([TESSERA, 'new', project, '--tiles', source], env=environment(),
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            process.wait(wait)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if os.path.exists(project):
            result = run('export', project, '--csv', os.path.join(folder, 'x.csv'), '--json')
            assert result.code == 0 and result.json['csv']['records'] in (0, 300), str(result)
        for name in os.listdir(folder):
            if name.startswith('p.tessera'):
                os.unlink(os.path.join(folder, name))


@test
def shared_bad_images(folder):
    """Every one of the shared unusual images ends in a tile or in a sentence"""
    source = os.environ.get('TESSERA_SHARED', os.path.join(os.path.dirname(__file__), '../../../shared'))
    source = os.path.join(source, 'data', 'bad_images')
    if not os.path.isdir(source):
        raise Skip('../shared/data/bad_images is not there')
    value = good('new', os.path.join(folder, 'p.tessera'), '--tiles', source)
    files = [name for name in os.listdir(source) if not name.endswith(('.md', '.txt', '.json'))]
    assert value['tiles'] + len(skipped(value)) >= len(files) and value['tiles'] > len(files) / 2, value


main()
