"""Folders become projects."""

import os
import subprocess

import pictures
from tap import TESSERA, bad, environment, good, main, run, test


def tiles_of(project):
    """The tiles' names, in order, through export."""
    import csv  # pylint: disable=import-outside-toplevel
    table = project + '.csv'
    good('export', project, '--csv', table)
    with open(table, newline='', encoding='utf-8') as file:
        return list(csv.DictReader(file))


@test
def plain(folder):
    """new imports every image of a folder and its subfolders, in natural order"""
    source, project = os.path.join(folder, 'tiles'), os.path.join(folder, 'p.tessera')
    for name in ('t10.png', 't9.png', 'sub/a.png'):
        pictures.write(os.path.join(source, name), pictures.noise(20, len(name) + ord(name[1])))
    value = good('new', project, '--tiles', source)
    assert set(value) >= {'project', 'tiles', 'skipped'} and value['tiles'] == 3 and value['skipped'] == [], value
    rows = tiles_of(project)
    assert [row['file'] for row in rows] == ['sub/a.png', 't9.png', 't10.png'], rows
    assert all(row['truth'] == '' and row['label'] == '' and row['state'] == 'unlabelled' for row in rows)


@test
def from_folders(folder):
    """--labels-from-folders takes the first folder as ground truth and makes the classes, but labels nothing"""
    source, project = os.path.join(folder, 'tiles'), os.path.join(folder, 'p.tessera')
    n = pictures.tiles(source)
    pictures.write(os.path.join(source, 'loose.png'), pictures.noise(20, 999))
    value = good('new', project, '--tiles', source, '--labels-from-folders')
    assert value['tiles'] == n + 1 and sorted(value['classes']) == ['fat', 'stroma', 'tumour'], value
    for row in tiles_of(project):
        assert row['truth'] == (row['file'].split('/')[0] if '/' in row['file'] else ''), row
        assert row['label'] == '' and row['pred'] == ''


@test
def never_overwrites(folder):
    """new refuses a name that is taken and leaves the file alone"""
    source, project = os.path.join(folder, 'tiles'), os.path.join(folder, 'p.tessera')
    pictures.tiles(source)
    with open(project, 'w', encoding='utf-8') as file:
        file.write('precious')
    bad(1, 'new', project, '--tiles', source, says=['p.tessera', 'already exists'])
    with open(project, encoding='utf-8') as file:
        assert file.read() == 'precious'


@test
def no_folder(folder):
    """A folder that is not there, is empty, or is a file: a sentence, and no project left behind"""
    project = os.path.join(folder, 'p.tessera')
    os.mkdir(os.path.join(folder, 'empty'))
    pictures.write(os.path.join(folder, 'file'), b'x')
    for name in ('none', 'empty', 'file'):
        bad(1, 'new', project, '--tiles', os.path.join(folder, name), says=[name])
    assert not os.path.exists(project)


@test
def no_place(folder):
    """A project in a folder that does not exist is refused"""
    pictures.tiles(os.path.join(folder, 'tiles'))
    bad(1, 'new', os.path.join(folder, 'none', 'p.tessera'), '--tiles', os.path.join(folder, 'tiles'), says=['p.tessera'])


@test
def moves_together(folder):
    """A folder with project and tiles can be moved"""
    os.mkdir(os.path.join(folder, 'a'))
    pictures.tiles(os.path.join(folder, 'a', 'tiles'))
    good('new', os.path.join(folder, 'a', 'p.tessera'), '--tiles', os.path.join(folder, 'a', 'tiles'), '--labels-from-folders')
    os.rename(os.path.join(folder, 'a'), os.path.join(folder, 'b'))
    project = os.path.join(folder, 'b', 'p.tessera')
    good('label', project, 'fat/fat-0.png', 'fat')
    value = good('export', project, '--folders', os.path.join(folder, 'out'), '--only', 'labelled')
    assert value['folders']['copied'] == 1 and value['folders']['missing'] == 0, value


@test
def add_joins(folder):
    """add brings new tiles in, once, and keeps numbers and labels"""
    project = os.path.join(folder, 'p.tessera')
    pictures.tiles(os.path.join(folder, 'one'))
    pictures.tiles(os.path.join(folder, 'two'), classes=('fat', 'nerve'), each=3, size=30)
    good('new', project, '--tiles', os.path.join(folder, 'one'), '--labels-from-folders')
    good('label', project, '#2', 'fat')
    before = tiles_of(project)
    value = good('add', project, '--tiles', os.path.join(folder, 'two'), '--labels-from-folders')
    assert value['added'] == 6 and value['tiles'] == 18 and value['skipped'] == [], value
    assert value['embedded'] == 0 and value['placed'] == 0 and value['map_is_stale'] is False, value
    after = tiles_of(project)
    keys = ('tile_id', 'file', 'label', 'annotator', 'labelled_at')
    assert [[row[k] for k in keys] for row in after[:12]] == [[row[k] for k in keys] for row in before]
    again = good('add', project, '--tiles', os.path.join(folder, 'two'), '--labels-from-folders')
    assert again['added'] == 0 and again['tiles'] == 18, again


@test
def interrupted(folder):
    """Ctrl+C while importing: a sentence, exit 1, no half project"""
    source, project = os.path.join(folder, 'tiles'), os.path.join(folder, 'p.tessera')
    data = [pictures.noise(64, seed) for seed in range(1, 9)]
    for i in range(3000):
        pictures.write(os.path.join(source, f'{i}.png'), data[i % 8])
    process = subprocess.Popen([TESSERA, 'new', project, '--tiles', source], env=environment(), stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE)
    process.stderr.readline()  # it is at work
    process.send_signal(2)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 1, (process.returncode, err)
    assert b'Stopping' in err and out == b'' and err.endswith(b'tessera new: Stopped.\n'), err
    assert not os.path.exists(project), os.listdir(folder)
    assert [name for name in os.listdir(folder) if name != 'tiles'] == []


@test
def progress(folder):
    """Progress goes to standard error in sparse lines, and --json keeps standard output clean"""
    source = os.path.join(folder, 'tiles')
    pictures.tiles(source, each=30)
    result = run('new', os.path.join(folder, 'p.tessera'), '--tiles', source, '--json')
    assert result.code == 0 and result.json['tiles'] == 90
    assert result.err != '' and '\r' not in result.err and len(result.err.splitlines()) < 20, result.err


@test
def folders_that_name_no_class(folder):
    """Folders whose names cannot be classes' are ground truth all the same, and the user is told"""
    source = os.path.join(folder, 'tiles')
    for name in ('x' * 101, 'two\nlines', 'fat'):
        pictures.write(os.path.join(source, name, '0.png'), pictures.plain())
    result = run('new', os.path.join(folder, 'p.tessera'), '--tiles', source, '--labels-from-folders', '--json')
    assert result.code == 0 and set(result.json['classes']) == {'x' * 101, 'two\nlines', 'fat'}, str(result)
    assert '100 characters' in result.err and 'line break' in result.err, str(result)
    assert good('label', os.path.join(folder, 'p.tessera'), '#0', 'fat')['new_classes'] == [], 'the others stand in no one\'s way'


main()
