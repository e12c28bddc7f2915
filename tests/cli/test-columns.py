"""tessera columns: a table joined to the tiles, listed, exported, removed."""

import csv
import os

import pictures
from tap import bad, good, main, run, test


def project_of(folder):
    source, project = os.path.join(folder, 'tiles'), os.path.join(folder, 'p.tessera')
    pictures.tiles(source)
    good('new', project, '--tiles', source, '--labels-from-folders')
    return project


def write(folder, text):
    path = os.path.join(folder, 'in.csv')
    with open(path, 'w', encoding='utf-8', newline='') as file:
        file.write(text)
    return path


def exported(project):
    path = project + '.csv'
    good('export', project, '--csv', path)
    with open(path, encoding='utf-8', newline='') as file:
        return list(csv.DictReader(file))


TABLE = 'file,scanner,score,empty\nfat/fat-0.png,Aperio,1.5,\n"stroma/stroma-1.png"," NDPI, old ",2.5,\nfat/fat-0.png,Leica,3,\n'


@test
def joined(folder):
    """Every other column is kept; the later row about a tile counts; a column that says nothing is left out"""
    project = project_of(folder)
    assert good('columns', project)['columns'] == []
    value = good('columns', project, '--from', write(folder, TABLE))
    assert value['rows'] == 3 and value['used'] == 3 and value['bad_rows'] == [], value
    assert [(c['name'], c['kind'], c['values'], c['tiles']) for c in value['columns']] == [
        ('scanner', 'category', 2, 2), ('score', 'category', 2, 2)], value
    assert value['columns'][0]['low'] is None
    assert good('columns', project)['columns'] == value['columns'], 'what was joined is listed'
    rows = {row['file']: (row['scanner'], row['score']) for row in exported(project)}
    assert rows['fat/fat-0.png'] == ('Leica', '3') and rows['stroma/stroma-1.png'] == ('NDPI, old', '2.5'), rows
    assert rows['fat/fat-1.png'] == ('', '')


@test
def numbers(folder):
    """Many different numbers are a scale with its ends"""
    project = project_of(folder)
    n = len(exported(project))
    table = 'tile_id,depth\n' + ''.join(f'{i},{i * 1.25}\n' for i in range(n))
    column = good('columns', project, '--from', write(folder, table))['columns'][0]
    if n > 12:
        assert column['kind'] == 'number' and column['low'] == 0 and column['high'] == (n - 1) * 1.25, column
    else:
        assert column['kind'] == 'category' and column['values'] == n, column


@test
def decimal_commas(folder):
    """Where semicolons separate, commas are decimal signs of columns of numbers; text keeps its commas"""
    project = project_of(folder)
    write(folder, '')
    table = 'tile_id;score;word\r\n0;0,5;1,5\r\n1;-2,25;a, b\r\n2;1e3;\r\n'
    good('columns', project, '--from', write(folder, table))
    rows = exported(project)
    assert [(row['score'], row['word']) for row in rows[:3]] == [('0.5', '1,5'), ('-2.25', 'a, b'), ('1e3', '')], rows[:3]
    good('columns', project, '--from', write(folder, 'tile_id\tscore\n0\t1,500\n'))
    assert exported(project)[0]['score'] == '1,500', 'tabs say nothing of commas'


@test
def names_like_ours(folder):
    """A column named like one of the export's own comes back as joined_NAME"""
    project = project_of(folder)
    good('columns', project, '--from', write(folder, 'file,slide,prob_x,label\nfat/fat-0.png,S1,0.5,fat\n'))
    row = exported(project)[0]
    assert row['slide'] == '' and row['label'] == '', 'the export says what the project knows'
    assert row['joined_slide'] == 'S1' and row['joined_prob_x'] == '0.5' and row['joined_label'] == 'fat', row


@test
def replaced_and_removed(folder):
    """The same name replaces; --remove takes a column away; one that is not there is named"""
    project = project_of(folder)
    good('columns', project, '--from', write(folder, TABLE))
    value = good('columns', project, '--from', write(folder, 'file,scanner\nfat/fat-1.png,X\n'))
    assert [(c['name'], c['tiles']) for c in value['columns']] == [('score', 2), ('scanner', 1)], value
    assert [c['name'] for c in good('columns', project, '--remove', 'score')['columns']] == ['scanner']
    bad(1, 'columns', project, '--remove', 'score', says=['score', 'p.tessera'])


@test
def bad_rows(folder):
    """Rows about no tile are listed with line and reason, the others are joined"""
    project = project_of(folder)
    value = good('columns', project, '--from', write(folder, 'file,a\nnowhere.png,1\nfat/fat-0.png,2\n'))
    assert value['used'] == 1 and [row['line'] for row in value['bad_rows']] == [2], value
    assert 'nowhere.png' in value['bad_rows'][0]['reason']


@test
def rows_without_a_tile(folder):
    """A row that names no tile is told so"""
    project = project_of(folder)
    value = good('columns', project, '--from', write(folder, 'file,a\n,1\nfat/fat-0.png,2\n'))
    assert value['used'] == 1 and [row['line'] for row in value['bad_rows']] == [2], value
    assert 'names no tile' in value['bad_rows'][0]['reason'] and '“”' not in value['bad_rows'][0]['reason'], value
    bad(1, 'columns', project, '--from', write(folder, 'tile_id,a\n,1\n'), says=['in.csv', 'names no tile', 'tile_id'])


@test
def useless_files(folder):
    """Tables that name no tile or say nothing: a sentence, exit 1, nothing changed"""
    project = project_of(folder)
    for text, says in [('a,b\n1,2\n', 'tile_id'), ('file,a\nnowhere.png,1\n', 'nowhere.png'), ('file\nfat/fat-0.png\n', 'nothing'),
                       ('file,a\nfat/fat-0.png,\n', 'nothing'), ('file,' + 'x' * 201 + '\nfat/fat-0.png,1\n', 'name')]:
        code = 2 if text.startswith('file,x') else 1
        bad(code, 'columns', project, '--from', write(folder, text), says=[says])
    bad(1, 'columns', project, '--from', os.path.join(folder, 'none.csv'), says=['none.csv'])
    assert good('columns', project)['columns'] == []


@test
def plain_text(folder):
    """Without --json a line a column"""
    project = project_of(folder)
    assert 'No table' in run('columns', project).out
    good('columns', project, '--from', write(folder, TABLE))
    assert 'scanner' in run('columns', project).out


main()
