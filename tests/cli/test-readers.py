"""Two readers of the same tiles: how far they agree, and one's labels joining the other's."""

import csv
import os
import shutil
import sqlite3
import unicodedata

import pictures
from tap import bad, good, main, run, test


def two(folder, **keywords):
    """A project and another reader's copy of it, both without labels."""
    source, first, second = (os.path.join(folder, name) for name in ('tiles', 'a.tessera', 'b.tessera'))
    pictures.tiles(source, **keywords)
    good('new', first, '--tiles', source)
    shutil.copy(first, second)
    return first, second


def label(project, annotator, **classes):
    for class_, tiles in classes.items():
        for tile in tiles:
            good('label', project, f'#{tile}', class_, '--annotator', annotator)


def rows(project):
    path = project + '.csv'
    good('export', project, '--csv', path)
    with open(path, newline='', encoding='utf-8') as file:
        return {int(row['tile_id']): row for row in csv.DictReader(file)}


def kappa(pairs):
    """Cohen's, from the pairs themselves."""
    names, n = {x for pair in pairs for x in pair}, len(pairs)
    same = sum(a == b for a, b in pairs) / n
    chance = sum(sum(a == x for a, _ in pairs) * sum(b == x for _, b in pairs) for x in names) / n / n
    return (same - chance) / (1 - chance)


@test
def compare(folder):
    """agreement counts what both labelled, class by class, and lists what is disputed"""
    first, second = two(folder)
    label(first, 'Ada', tumour=[0, 1, 2, 3], stroma=[4, 5, 6], fat=[7])
    label(second, 'Ben', tumour=[0, 1, 4], stroma=[5, 6, 2], lymph=[7], fat=[8])
    good('label', second, '#3', '--unsure')
    value = good('agreement', first, second)
    pairs = [('t', 't'), ('t', 't'), ('t', 's'), ('s', 't'), ('s', 's'), ('s', 's'), ('f', 'l')]
    assert value['tiles'] == 7 and abs(value['agreement'] - 4 / 7) < 1e-9, value
    assert abs(value['kappa'] - kappa(pairs)) < 1e-9 and value['kappa_low'] < value['kappa'] < value['kappa_high'], value
    assert abs((value['kappa_high'] - value['kappa']) / 1.96 - value['kappa_error']) < 1e-3, value
    by_name = {entry['name']: entry for entry in value['classes']}
    assert list(by_name) == ['tumour', 'stroma', 'fat', 'lymph'], by_name
    assert (by_name['tumour']['first'], by_name['tumour']['second'], by_name['tumour']['both']) == (3, 3, 2), by_name
    assert abs(by_name['tumour']['agreement'] - 4 / 6) < 1e-9 and by_name['fat']['agreement'] == 0, by_name
    in_class = [(a == 't', b == 't') for a, b in pairs]
    assert abs(by_name['tumour']['kappa'] - kappa(in_class)) < 1e-9, by_name
    assert value['confusion'] == [[2, 1, 0, 0], [1, 2, 0, 0], [0, 0, 0, 1], [0, 0, 0, 0]], value
    assert (value['only_first'], value['only_second'], value['unsure_first'], value['unsure_second']) == (1, 1, 0, 1), value
    assert [(d['tile'], d['first'], d['second']) for d in value['disagreements']] == [
        (2, 'tumour', 'stroma'), (4, 'stroma', 'tumour'), (7, 'fat', 'lymph')], value
    text = run('agreement', first, second)
    assert text.code == 0 and '57.1%' in text.out and '#7' in text.out, text


@test
def no_dispute(folder):
    """Where two readers never disagree there is no interval, rather than one without width"""
    first, second = two(folder)
    label(first, 'Ada', tumour=[0, 1], stroma=[4])
    label(second, 'Ben', tumour=[0, 1], stroma=[4])
    value, text = good('agreement', first, second), run('agreement', first, second)
    assert value['kappa'] == 1 and value['kappa_low'] is None and value['kappa_high'] is None, value
    assert '3 tiles' in text.out and 'without an interval' in text.out and '1.000 to' not in text.out, text.out


@test
def nothing_shared(folder):
    """Without a tile that both labelled, and with one class for all, kappa is null and a sentence says why"""
    first, second = two(folder)
    label(first, 'Ada', tumour=[0])
    value = good('agreement', first, second)
    assert value['tiles'] == 0 and value['kappa'] is None and value['agreement'] is None, value
    assert 'No tile has a class from both' in run('agreement', first, second).out
    label(second, 'Ben', tumour=[0])
    value = good('agreement', first, second)
    assert value['agreement'] == 1 and value['kappa'] is None, value
    assert 'kappa cannot tell' in run('agreement', first, second).out


@test
def tables(folder):
    """A table serves as the other reader, an exported one and a bare one"""
    first, second = two(folder)
    label(first, 'Ada', tumour=[0, 1], stroma=[2])
    label(second, 'Ben', tumour=[0], stroma=[1, 2])
    path = os.path.join(folder, 'ben.csv')
    good('export', second, '--csv', path)
    assert good('agreement', first, path)['kappa'] == good('agreement', first, second)['kappa']
    bare = os.path.join(folder, 'bare.csv')
    pictures.write(bare, b'tile_id,label\n0,tumour\n1,stroma\n99,stroma\n')
    value = good('agreement', first, bare)
    assert value['tiles'] == 2 and value['unknown'] == 1, value
    pictures.write(bare, b'a,b\n1,2\n')
    bad(1, 'agreement', first, bare, says=['bare.csv', 'label'])
    bad(1, 'agreement', first, os.path.join(folder, 'gone.csv'), says=['gone.csv'])
    bad(1, 'agreement', first, os.path.join(folder, 'tiles', 'fat', 'fat-0.png'), says=['fat-0.png'])
    bad(2, 'agreement', first)


@test
def by_name(folder):
    """Tiles of projects that were made apart are matched by name; those that are no tile here are counted"""
    first, _ = two(folder)
    other = os.path.join(folder, 'other')
    pictures.tiles(other, classes=('stroma', 'zzz'))
    apart = os.path.join(folder, 'c.tessera')
    good('new', apart, '--tiles', other)
    label(first, 'Ada', stroma=[4])
    good('label', apart, 'stroma/stroma-0.png', 'stroma')
    good('label', apart, 'zzz/zzz-0.png', 'stroma')
    value = good('agreement', first, apart)
    assert value['tiles'] == 1 and value['agreement'] == 1 and value['unknown'] == 1, value
    with sqlite3.connect(apart) as database:
        names = database.execute('SELECT count (*) FROM tile WHERE name = ?', ('stroma/stroma-0.png',)).fetchone()
        database.execute('UPDATE tile SET name = ? WHERE name = ?', ('stroma/stroma-0.png', 'zzz/zzz-1.png'))
    assert names == (1,), names
    value = good('agreement', first, apart)
    assert (value['tiles'], value['unknown']) == (0, 2), 'which of two tiles of a name is meant is not known'


@test
def same_class(folder):
    """Classes that differ in case, blanks and the way an accent is written are the same, unless somebody has both"""
    first, second = two(folder)
    label(first, 'Ada', **{'Tumour': [0, 1], 'Dr\u00fcse': [2, 3], 'loose stroma': [4]})
    label(second, 'Ben', **{'tumour': [0, 1], 'Dru\u0308se': [2], 'Loose  Stroma': [4, 3], 'TUMOR': [5]})
    value = good('agreement', first, second)
    pairs = [('t', 't'), ('t', 't'), ('d', 'd'), ('s', 's'), ('d', 's')]
    assert value['tiles'] == 5 and abs(value['kappa'] - kappa(pairs)) < 1e-9, value
    assert [entry['name'] for entry in value['classes']] == ['Tumour', 'Dr\u00fcse', 'loose stroma', 'TUMOR'], value
    assert [(e['name'], e['written']) for e in value['written_otherwise']] == [
        ('Tumour', 'tumour'), ('Dr\u00fcse', 'Dru\u0308se'), ('loose stroma', 'Loose  Stroma')], value
    assert 'The second\'s class “tumour” is taken as “Tumour”' in run('agreement', first, second).err
    lines = run('agreement', first, second).out.splitlines()[:5]
    columns = {len([c for c in line if not unicodedata.combining(c)]) for line in lines}
    assert len(columns) == 1, 'columns stand below each other, umlauts or not: ' + repr(lines)
    table = os.path.join(folder, 'other.csv')
    pictures.write(table, 'tile_id,label\n0,TUMOUR\n2,drüse\n'.encode())
    assert good('agreement', first, table)['agreement'] == 1
    value = good('merge', first, second)
    assert value['new_classes'] == ['TUMOR'] and (value['changed'], value['disputed']) == (1, 1), value
    good('label', second, '#7', 'Tumour')
    assert good('agreement', first, second)['classes'][0]['both'] == 0, 'Ben labels with both'
    good('label', second, '#7', '--clear')
    assert good('agreement', first, second)['classes'][0]['both'] == 2, 'one of them is in his list only'
    third, fourth = two(os.path.join(folder, 'both'))
    label(third, 'Ada', tumour=[0], Tumour=[1])
    label(fourth, 'Ben', TUMOUR=[0, 1])
    assert good('agreement', third, fourth)['agreement'] == 0, 'which of the two is meant is not known'


@test
def itself(folder):
    """A project is no other reader of its own tiles, by whatever name it is called"""
    first, _ = two(folder)
    label(first, 'Ada', tumour=[0], stroma=[1])
    link = os.path.join(folder, 'link.tessera')
    os.symlink(first, link)
    for command in ('agreement', 'merge'):
        for path in (first, link):
            bad(1, command, first, path, says=['this project itself', os.path.basename(path)])


@test
def same_reader(folder):
    """Labels under the same name in both are counted: taken over, they are no second reading"""
    first, second = two(folder)
    label(first, 'Ada', tumour=[0, 1], stroma=[2])
    label(second, 'Ben', tumour=[0], stroma=[1, 3])
    assert good('agreement', first, second)['same_reader'] == 0
    good('merge', first, second)
    value = good('agreement', first, second)
    assert (value['tiles'], value['same_reader']) == (3, 1), value
    assert '1 of the tiles compared' in run('agreement', first, second).err


@test
def one_class(folder):
    """Where one of two gave a single class kappa is 0 whatever the other said, and has no interval"""
    first, second = two(folder)
    label(first, 'Ada', tumour=[0, 1, 2, 3])
    label(second, 'Ben', tumour=[0, 1, 2], stroma=[3])
    value, text = good('agreement', first, second), run('agreement', first, second).out
    assert value['kappa'] == 0 and value['kappa_low'] is None and value['kappa_high'] is None, value
    assert '75.0%' in text and 'gave a single class' in text and '0.000 to' not in text, text


@test
def merge_keep(folder):
    """merge takes labels for tiles without one, under their reader's name, and keeps its own where both have one"""
    first, second = two(folder)
    label(first, 'Ada', tumour=[0, 1], stroma=[2])
    label(second, 'Ben', tumour=[0], lymph=[1], stroma=[3])
    label(second, 'Cleo', lymph=[4])
    good('label', second, '#5', '--unsure', '--annotator', 'Ben')
    good('label', second, '#2', '--unsure', '--annotator', 'Ben')
    value = good('merge', first, second)
    assert (value['labels'], value['changed'], value['disputed'], value['unknown']) == (6, 3, 1, 0), value
    assert value['new_classes'] == ['lymph'], value
    found = rows(first)
    assert [found[i]['label'] for i in range(6)] == ['tumour', 'tumour', 'stroma', 'stroma', 'lymph', ''], found
    assert found[5]['state'] == 'unsure' and found[3]['annotator'] == 'Ben' and found[4]['annotator'] == 'Cleo', found
    assert found[0]['annotator'] == 'Ada' and found[3]['how'] == 'imported', found
    assert good('merge', first, second)['changed'] == 0, 'the same again changes nothing'


@test
def merge_take(folder):
    """--disputed take gives disputed tiles the other's class; unsure never replaces a class"""
    first, second = two(folder)
    label(first, 'Ada', tumour=[0, 1])
    label(second, 'Ben', stroma=[0])
    good('label', second, '#1', '--unsure')
    value = good('merge', first, second, '--disputed', 'take')
    assert (value['changed'], value['disputed']) == (1, 1), value
    found = rows(first)
    assert (found[0]['label'], found[0]['annotator'], found[1]['label']) == ('stroma', 'Ben', 'tumour'), found


@test
def merge_clear(folder):
    """--disputed clear leaves disputed tiles without a label, and they are suggested next"""
    first, second = two(folder)
    label(first, 'Ada', tumour=[0, 1], stroma=[2])
    label(second, 'Ben', tumour=[0], stroma=[1], fat=[2])
    value = good('merge', first, second, '--disputed', 'clear')
    assert value['disputed'] == 2, value
    found = rows(first)
    assert [found[i]['label'] for i in range(3)] == ['tumour', '', ''], found
    assert good('agreement', first, second)['tiles'] == 1
    with sqlite3.connect(first) as database:
        assert database.execute('SELECT tile FROM suggestion ORDER BY position').fetchall() == [(1,), (2,)]


@test
def merge_bad(folder):
    """What cannot be merged changes nothing"""
    first, second = two(folder)
    label(first, 'Ada', tumour=[0])
    before = rows(first)
    pictures.write(second, b'SQLite format 3\0' + b'x' * 2000)
    bad(1, 'merge', first, second, says=['b.tessera'])
    bad(2, 'merge', first, second, '--disputed', 'both', says=['keep'])
    assert rows(first) == before


@test
def journal(folder):
    """journal lists who did what, of one annotator or of one tile, and --revert goes back in one step, wherever that leads"""
    first, _ = two(folder)
    label(first, 'Ada', tumour=[0, 1])
    label(first, 'Ben', stroma=[0])
    good('label', first, '#2', '--unsure', '--annotator', 'Ben')
    good('label', first, '#1', '--clear', '--annotator', 'Ada')
    entries = good('journal', first)['entries']
    assert [e['entry'] for e in entries] == [5, 4, 3, 2, 1] and entries[0]['annotator'] == 'Ada', entries
    assert [(e['action'], e['how'], e['tiles'], e['detail']) for e in entries] == [
        ('label', 'cleared', 1, ''), ('label', 'command', 1, '?'), ('label', 'command', 1, 'stroma'),
        ('label', 'command', 1, 'tumour'), ('label', 'command', 1, 'tumour')], entries
    assert [e['entry'] for e in good('journal', first, '--annotator', 'Ben')['entries']] == [4, 3]
    assert [e['entry'] for e in good('journal', first, '--limit', '2')['entries']] == [5, 4]
    assert [(e['entry'], e['change']) for e in good('journal', first, '--tile', '#0')['entries']] == [
        (3, 'tumour → stroma'), (1, 'no label → tumour')]
    assert 'tumour → stroma' in run('journal', first, '--tile', '#0').out
    value = good('journal', first, '--revert', '2')
    assert value['undone'] == 3 and [(e['action'], e['detail'], e['tiles']) for e in value['entries']][0] == ('revert', '#2', 3), value
    found = rows(first)
    assert [found[i]['label'] for i in range(3)] == ['tumour', 'tumour', ''] and found[2]['state'] == 'unlabelled', found
    bad(1, 'journal', first, '--revert', '99', says=['no entry 99'])
    assert good('journal', first, '--revert', '4')['undone'] == 2
    found = rows(first)
    assert [found[i]['label'] for i in range(3)] == ['stroma', 'tumour', ''] and found[2]['state'] == 'unsure', found
    assert found[0]['annotator'] == 'Ben', found
    bad(2, 'journal', first, '--revert', '-1')
    assert good('journal', first, '--revert', '0')['undone'] == 7
    assert not any(row['label'] or row['state'] == 'unsure' for row in rows(first).values())


@test
def blind(folder):
    """blind writes a copy without labels whose suggestions are what is to be read; agreement and merge read it back"""
    first, _ = two(folder)
    copy = os.path.join(folder, 'elsewhere', 'copy.tessera')
    os.mkdir(os.path.dirname(copy))
    bad(1, 'blind', first, copy, says=['labelled'])
    label(first, 'Adalbertine', tumour=[0, 1, 2], stroma=[3, 4])
    good('label', first, '#5', '--unsure', '--annotator', 'Adalbertine')
    value = good('blind', first, copy, '--seed', '3')
    assert value['tiles'] == 6 and value['copy'] == copy, value
    with open(copy, 'rb') as file:
        assert b'Adalbertine' not in file.read()
    assert good('journal', copy)['entries'] == [] and not any(row['label'] for row in rows(copy).values())
    with sqlite3.connect(copy) as db:
        assert {tile for tile, in db.execute('SELECT tile FROM suggestion')} == set(range(6))
    label(copy, 'Ben', tumour=[0, 1], stroma=[2, 3])
    value = good('agreement', first, copy)
    assert value['tiles'] == 4 and value['agreement'] == 3 / 4, value
    assert good('merge', first, copy, '--disputed', 'clear')['disputed'] == 1
    assert rows(first)[2]['label'] == ''
    bad(1, 'blind', first, copy, says=['exists already'])
    less = os.path.join(folder, 'less.tessera')
    assert good('blind', first, less, '--tiles', '2')['tiles'] == 2
    bad(2, 'blind', first, less, '--tiles', '0')


main()
