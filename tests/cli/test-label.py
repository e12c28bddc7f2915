"""Labels from the command line and from tables."""

import csv
import os
import subprocess

import pictures
from tap import FIXTURE, TESSERA, bad, environment, fixture, good, main, run, test


def project_of(folder, **keywords):
    source, project = os.path.join(folder, 'tiles'), os.path.join(folder, 'p.tessera')
    pictures.tiles(source, **keywords)
    good('new', project, '--tiles', source, '--labels-from-folders')
    return project


def table(project):
    path = project + '.csv'
    good('export', project, '--csv', path)
    with open(path, newline='', encoding='utf-8') as file:
        return list(csv.DictReader(file))


def labels(project):
    return {row['file']: row['label'] for row in table(project) if row['label']}


def write(folder, text, name='in.csv', encoding='utf-8'):
    path = os.path.join(folder, name)
    with open(path, 'wb') as file:
        file.write(text if isinstance(text, bytes) else text.encode(encoding))
    return path


@test
def one(folder):
    """label gives one tile a class, by name, number or path, and says what it did"""
    project = project_of(folder)
    value = good('label', project, 'fat/fat-0.png', 'fat')
    assert value['tile'] == 0 and value['file'] == 'fat/fat-0.png' and value['label'] == 'fat', value
    assert value['state'] == 'labelled' and value['changed'] == 1 and value['new_classes'] == [], value
    good('label', project, '#5', 'tumour', '--annotator', 'Ada')
    good('label', project, os.path.join(folder, 'tiles', 'tumour', 'tumour-1.png'), 'tumour')
    assert labels(project) == {'fat/fat-0.png': 'fat', 'stroma/stroma-1.png': 'tumour', 'tumour/tumour-1.png': 'tumour'}
    row = table(project)[5]
    assert row['annotator'] == 'Ada' and row['how'] == 'command' and row['labelled_at'].endswith('Z'), row
    assert good('label', project, 'fat/fat-0.png', 'fat')['changed'] == 0, 'the same again changes nothing'


@test
def new_class(folder):
    """A class that does not exist is made, once"""
    project = project_of(folder)
    assert good('label', project, '#0', 'nerve')['new_classes'] == ['nerve']
    assert good('label', project, '#1', 'nerve')['new_classes'] == []
    assert good('label', project, '#1', 'Nerve')['new_classes'] == ['Nerve'], 'case counts'


@test
def unsure_and_clear(folder):
    """--unsure marks a tile, --clear takes the label away; neither leaves a class behind"""
    project = project_of(folder)
    good('label', project, '#0', 'fat')
    assert good('label', project, '#0', '--unsure')['state'] == 'unsure'
    assert table(project)[0]['state'] == 'unsure' and labels(project) == {}
    assert good('label', project, '#0', '--clear')['state'] == 'unlabelled'
    assert table(project)[0]['state'] == 'unlabelled'
    suggested = good('suggest', project, '-k', '100', '--strategy', 'random')['tiles']
    assert len(suggested) == 12
    good('label', project, '#3', '--unsure')
    suggested = good('suggest', project, '-k', '100', '--strategy', 'random')['tiles']
    assert len(suggested) == 11 and 3 not in [tile['tile'] for tile in suggested], 'unsure tiles are not suggested again'


@test
def no_such_tile(folder):
    """A tile that is not there: a failure, no class made, nothing changed"""
    project = project_of(folder)
    bad(1, 'label', project, 'nowhere.png', 'ghost', says=['nowhere.png'])
    bad(1, 'label', project, '#12', 'ghost', says=['#12'])
    result = run('label', project, 'nowhere.png', 'ghost', '--json')
    assert result.code == 1 and result.json['error']['kind'] == 'failed', str(result)
    assert good('label', project, '#0', 'ghost')['new_classes'] == ['ghost']


@test
def class_names(folder):
    """Names that are too long or hold line breaks: a usage error, in a table a row with its reason; nothing is stored"""
    project = project_of(folder)
    good('label', project, '#0', 'ß' * 100)
    for name, says in (('x' * 101, '100 characters'), ('x' * 3000, '100 characters'), ('a\nb', 'line break'), ('a\tb', 'control')):
        assert len(bad(2, 'label', project, '#1', name, says=[says])) < 200
    table_ = 'tile_id,label\n2,"two\nlines"\n3,' + 'y' * 101 + '\n4,fat\n'
    value = good('label', project, '--from', write(folder, table_))
    assert value['changed'] == 1 and [row['line'] for row in value['bad_rows']] == [2, 4], value
    assert 'line break' in value['bad_rows'][0]['reason'] and '100' in value['bad_rows'][1]['reason'], value
    assert set(labels(project).values()) == {'ß' * 100, 'fat'}


@test
def not_utf8(folder):
    """A class or annotator that is not UTF-8: a usage error, nothing stored"""
    project = project_of(folder)
    for name in (b'\xff\xfe', b'caf\xe9'):
        said = bad(2, 'label', project, '#0', name, says=['CLASS', 'UTF-8'])
        assert bad(2, 'label', project, '#0', 'fat', '--annotator', name, says=['--annotator', 'UTF-8']) != said
        bad(2, 'label', project, '#0', '--clear', '--annotator', name, says=['--annotator', 'UTF-8'])
        bad(2, 'label', project, '--from', project, '--annotator', name, says=['--annotator', 'UTF-8'])
    assert labels(project) == {}
    assert good('label', project, '#0', 'café ✓', '--annotator', 'Zoë')['new_classes'] == ['café ✓']
    assert table(project)[0]['annotator'] == 'Zoë'


@test
def from_csv(folder):
    """--from takes a plain table of file and label"""
    project = project_of(folder)
    path = write(folder, 'file,label\nfat/fat-0.png,fat\nstroma/stroma-2.png,tumour\ntumour/tumour-3.png,cyst\n')
    value = good('label', project, '--from', path)
    assert value['rows'] == 3 and value['changed'] == 3 and value['bad_rows'] == [] and value['new_classes'] == ['cyst'], value
    assert labels(project) == {'fat/fat-0.png': 'fat', 'stroma/stroma-2.png': 'tumour', 'tumour/tumour-3.png': 'cyst'}
    assert {row['how'] for row in table(project) if row['label']} == {'imported'}


@test
def csv_dialects(folder):
    """Byte order mark, semicolons, tabs, CRLF, other column names, quotes, blank lines, no final line end"""
    project = project_of(folder)
    good('label', project, '--from', write(folder, '\ufeffClass;Note;PATH\r\n"fat";"a;b";fat/fat-0.png\r\n\r\n'))
    good('label', project, '--from', write(folder, 'tile\tclassification\nfat/fat-1.png\tstroma'))
    good('label', project, '--from', write(folder, 'tile_id,label\n2,"said ""odd"", or not"\n'))
    assert labels(project) == {'fat/fat-0.png': 'fat', 'fat/fat-1.png': 'stroma', 'fat/fat-2.png': 'said "odd", or not'}


@test
def bad_rows(folder):
    """Rows that cannot be used are listed with line and reason; the others are taken"""
    project = project_of(folder)
    path = write(folder, 'file,label\nnowhere.png,fat\n"fat/\nfat-0.png",fat\nfat/fat-1.png,fat\nfat/fat-2.png,\n#99,fat\n')
    value = good('label', project, '--from', path)
    assert value['rows'] == 5 and value['changed'] == 1, value
    assert [row['line'] for row in value['bad_rows']] == [2, 3, 7], value
    assert 'nowhere.png' in value['bad_rows'][0]['reason']
    assert labels(project) == {'fat/fat-1.png': 'fat'}


@test
def rows_without_a_tile(folder):
    """A row that names no tile is told so, not that there is no tile of that empty name"""
    project = project_of(folder)
    for text, column in (('file,label\n,fat\nfat/fat-0.png,fat\n', 'file'), ('PATH,label\n"  ",fat\nfat/fat-1.png,fat\n', 'PATH'),
                         ('label,tile_id\nfat,\nfat,2\n', 'tile_id'), ('label,file,tile_id\nfat\nfat,,3\n', 'file')):
        value = good('label', project, '--from', write(folder, text))
        reasons = [row['reason'] for row in value['bad_rows']]
        assert value['changed'] == 1 and len(reasons) == 1 and 'names no tile' in reasons[0] and '“”' not in reasons[0], value
        assert reasons[0].endswith('.') and f'“{column}”' in reasons[0], value
    bad(1, 'label', project, '--from', write(folder, 'file,label\n,fat\n'), says=['in.csv', 'names no tile'])
    value = good('label', project, '--from', write(folder, 'tile_id,label\nx,fat\n99,fat\n4,fat\n'))
    assert ['“x”' in value['bad_rows'][0]['reason'], '“99”' in value['bad_rows'][1]['reason']] == [True, True], value


@test
def useless_files(folder):
    """Files that are no table of labels: a sentence, exit 1, nothing changed"""
    project = project_of(folder)
    for text, says in (('', 'empty'), ('a,b\n1,2\n', 'label'), ('file,other\nx,y\n', '“label”'), ('label\nfat\n', '“file”'),
                       ('file,label\n', 'No row'), ('file,label\nnowhere.png,fat\n', 'nowhere.png'),
                       ('file,label\n"fat/fat-0.png,fat\n', 'line 2'), ('file,label\n"fat/fat-0.png"x,fat\n', 'line 2'),
                       (b'file,label\nf\xe9.png,fat\n', 'UTF-8'), (b'file,label\nfat\0,x\n', 'line 2'),
                       ('file,label\nfat/fat-0.png,fat\n'.encode('utf-16'), 'UTF-8')):
        bad(1, 'label', project, '--from', write(folder, text), says=['in.csv', says])
    bad(1, 'label', project, '--from', os.path.join(folder, 'none.csv'), says=['none.csv'])
    bad(1, 'label', project, '--from', folder, says=[os.path.basename(folder)])
    assert labels(project) == {}


@test
def later_row_wins(folder):
    """Of two rows about one tile the later counts"""
    project = project_of(folder)
    good('label', project, '--from', write(folder, 'file,label,annotator\nfat/fat-0.png,fat,A\nfat/fat-0.png,stroma,B\n'))
    assert labels(project) == {'fat/fat-0.png': 'stroma'} and table(project)[0]['annotator'] == 'B'


@test
def keep(folder):
    """--keep leaves labelled tiles alone"""
    project = project_of(folder)
    good('label', project, '#0', 'fat')
    good('label', project, '#1', '--unsure')
    path = write(folder, 'tile_id,label\n0,stroma\n1,stroma\n2,stroma\n')
    assert good('label', project, '--from', path, '--keep')['changed'] == 1
    assert labels(project) == {'fat/fat-0.png': 'fat', 'fat/fat-2.png': 'stroma'}
    assert good('label', project, '--from', path)['changed'] == 2, 'the third is as it should be already'


@test
def round_trip(folder):
    """What export writes, label --from reads back into a fresh project: labels, unsure, excluded, annotators"""
    project = project_of(folder)
    for tile, words in (('#0', ['fat']), ('#4', ['stroma, dense "x"']), ('#5', ['--unsure']), ('#11', ['tumour'])):
        good('label', project, tile, *words, '--annotator', 'Grace' if tile == '#4' else 'Ada')
    fixture('exclude', project, '7')
    first = table(project)
    other = os.path.join(folder, 'q.tessera')
    good('new', other, '--tiles', os.path.join(folder, 'tiles'))
    value = good('label', other, '--from', project + '.csv')
    assert value['changed'] == 4 and value['excluded'] == 1, value
    keys = ('tile_id', 'file', 'label', 'state', 'annotator')
    second = table(other)
    for a, b in zip(first, second):
        if a['state'] != 'excluded':
            assert [a[k] for k in keys] == [b[k] for k in keys], (a, b)
        assert a['state'] == b['state'], (a, b)
    again = good('label', other, '--from', other + '.csv')
    assert again['changed'] == 0 and again['excluded'] == 0, again


@test
def bulk(folder):
    """Thousands of rows go in as one, fast"""
    project = project_of(folder, each=150, size=8)
    path = write(folder, 'tile_id,label\n' + ''.join(f'{i},{"ab"[i % 2]}\n' for i in range(450)))
    assert good('label', project, '--from', path, timeout=20)['changed'] == 450


@test
def beside_another_process(folder):
    """label and export work while another process has the project open for writing"""
    project = project_of(folder)
    holder = subprocess.Popen([FIXTURE, 'hold', project], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert holder.stdout.readline() == b'ready\n'
        good('label', project, '#0', 'fat')
        assert labels(project) == {'fat/fat-0.png': 'fat'}
        result = run('label', project, '#1', 'stroma')
        assert result.code == 0, str(result)
    finally:
        holder.stdin.close()
        holder.wait(20)
    assert len(labels(project)) == 2


@test
def many_at_once(folder):
    """Ten processes that label at the same time lose no label"""
    project = project_of(folder)
    jobs = [subprocess.Popen([TESSERA, 'label', project, f'#{i}', f'class {i % 3}'], env=environment(),
                             stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) for i in range(10)]
    for i, job in enumerate(jobs):
        _, err = job.communicate(timeout=60)
        assert job.returncode == 0, f'{i}: {err.decode()}'
    assert len(labels(project)) == 10


main()
