"""What is printed and filed, the report and the map's figure, speaks the user's language: in one that nobody speaks, whose every text stands
in brackets and is as long as German can be, nothing is left in English, nothing is cut, and no word lies on another."""

import html
import os
import re
import shutil
import subprocess
import sys

import pictures
from tap import Skip, bad, fixture, fixture_input, good, main, run, test

SOURCES = os.environ.get('TESSERA_SOURCE_DIR', '')
NAMES = ['fat', 'stroma', 'tumour', '肿瘤', 'Опухоль', 'Große Drüsen, señalado, évalué', 'Ada', 'Jörg Weiß', 'Ward 3', 'case', 'planted', 'ward', 'depth', 'A', 'B',
         'eine Klasse mit recht langem Namen']
COLORS = ['prediction', 'label', 'margin', 'distance', 'truth', 'right', 'neighbours', 'ward', 'depth']


def needs(*programs):
    for program in programs:
        if not shutil.which(program):
            raise Skip(f'{program} is not installed')


def spoken(folder):
    """The environment in which the program speaks that language."""
    needs('pdftotext', 'xgettext', 'msgfmt')
    if not SOURCES:
        raise Skip('TESSERA_SOURCE_DIR names no sources')
    where = os.path.join(folder, 'locale')
    subprocess.run([sys.executable, os.path.join(SOURCES, 'tests/ui/pseudo_locale.py'), SOURCES, where, 'long'], check=True, timeout=300)
    return {'LANGUAGE': 'qps', 'TESSERA_LOCALE_DIR': where}


def project_of(folder, labelled=True):
    """Files and slides, classes of many scripts, a joined table, all a report speaks of."""
    source, project = os.path.join(folder, 'tiles'), os.path.join(folder, 'p.tessera')
    pictures.tiles(source, each=5)
    good('new', project, '--tiles', source, '--labels-from-folders')
    if not labelled:
        return project
    fixture_input(''.join(f'{i * i % 31} {i}\n' for i in range(15)), 'map', project)
    for tile, name in enumerate(['fat', 'fat', 'stroma', '肿瘤', 'Опухоль', 'Große Drüsen, señalado, évalué']):
        good('label', project, f'#{2 * tile}', name, '--annotator', 'Jörg Weiß' if tile % 2 else 'Ada')
    good('label', project, '#13', '--unsure', '--annotator', 'Ada')
    fixture('exclude', project, '14')
    path = os.path.join(folder, 'table.csv')
    with open(path, 'w', encoding='utf-8') as file:
        file.write('tile_id,ward,depth\n' + ''.join(f'{i},{"AB"[i % 2]},{i / 2 + 1}\n' for i in range(14) if i != 4))
    good('columns', project, '--from', path)
    return project


def slides_of(folder):
    paths = []
    for i in range(32):
        paths.append(os.path.join(folder, 'slides', f'case {i}.tif'))
        os.makedirs(os.path.dirname(paths[-1]), exist_ok=True)
        with open(paths[-1], 'wb') as file:
            file.write(pictures.tiff(64, 64, lambda x, y, i=i: (200, (x * 7 + y * 13 + i) % 97 + 60, 160), 0.5 if i % 4 else None))
    project = os.path.join(folder, 's.tessera')
    good('new', project, '--slides', *paths, '--tile-size', '32', '--no-mask')
    for i in range(14):
        good('label', project, f'#{5 * i}', NAMES[i % 6] if i < 6 else f'{NAMES[i % 3]} {i}', '--annotator', 'Ada')
    return project


def crowd(folder):
    """More classes than find a place, with long names."""
    project, path = project_of(folder), os.path.join(folder, 'labels.csv')
    for first in range(0, 56, 14):
        with open(path, 'w', encoding='utf-8') as file:
            file.write('tile_id,label\n' + ''.join(f'{i},eine Klasse mit recht langem Namen {first + i}\n' for i in range(14)))
        good('label', project, '--from', path, '--annotator', 'Ada')
    return project


def words_of(path):
    """Page, box (in points) and text of every word; the pages' sizes."""
    text = subprocess.run(['pdftotext', '-bbox', path, '-'], check=True, capture_output=True).stdout.decode()
    sizes, words = [], []
    for line in text.splitlines():
        page = re.search(r'<page width="([\d.]+)" height="([\d.]+)"', line)
        word = re.search(r'<word xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)">(.*?)</word>', line)
        if page:
            sizes.append((float(page[1]), float(page[2])))
        if word:
            words.append((len(sizes) - 1, *map(float, word.groups()[:4]), html.unescape(word[5])))
    return sizes, words


def english(path):
    """What stands outside of all brackets, names and figures left out."""
    text = subprocess.run(['pdftotext', path, '-'], check=True, capture_output=True).stdout.decode()
    text = re.sub(r'\s+', ' ', text)
    outside, depth = '', 0
    for letter in text:
        depth += (letter == '⟦') - (letter == '⟧')
        outside += letter if depth == 0 and letter != '⟧' else ''
    # names may be wrapped or shortened
    return [word for word in re.findall(r'[^\W\d_]+', outside) if len(word) > 1 and not any(word in name for name in NAMES)]


def assert_laid_out(path, margin):
    """No word lies on another or outside of the page's margins, and none of ours is cut: what an ellipsis stands for is still in the file, in no
    more room than the ellipsis has."""
    sizes, words = words_of(path)
    assert words, path
    for page, x0, y0, x1, y1, word in words:
        width, height = sizes[page]
        assert margin - 6 <= x0 and x1 <= width - margin + 1 and margin - 8 <= y0 and y1 <= height - margin + 1, (path, word, x0, y0, x1, y1)
        ours = len(word) > 3 and not any(word in name for name in NAMES) and re.search('⟦|⟧|áá|éé|íí|óó|úú', word)
        assert not ours or x1 - x0 > 0.25 * (y1 - y0) * len(word), ('cut', path, word, x1 - x0, y1 - y0)
    for i, (page, x0, y0, x1, y1, word) in enumerate(words):
        for other, u0, v0, u1, v1, text in words[i + 1:]:
            across, down = min(x1, u1) - max(x0, u0), min(y1, v1) - max(y0, v0)
            # lines of a paragraph may touch with what hangs below the one and stands above the other
            assert page != other or across < 0.7 or down < 0.25 * min(y1 - y0, v1 - v0), (path, word, text, (x0, y0, x1, y1), (u0, v0, u1, v1))


@test
def in_the_users_language(folder):
    """Every word of report and figure is translated, in whatever the map is coloured by; none is cut, none lies on another"""
    env = spoken(folder)
    project, path = project_of(folder), os.path.join(folder, 'x.pdf')
    good('suggest', project, '-k', '2', '--strategy', 'fps')
    wanted = [('--report', 40, ['--title', 'Ward 3'], project)] + [('--map', 18, ['--color-by', by], project) for by in COLORS]
    wanted += [('--report', 40, ['--title', 'Ward 3'], slides_of(folder))]
    os.makedirs(os.path.join(folder, 'bare'))
    wanted += [('--report', 40, ['--title', 'Ward 3'], project_of(os.path.join(folder, 'bare'), labelled=False))]
    os.makedirs(os.path.join(folder, 'crowd'))
    many = crowd(os.path.join(folder, 'crowd'))
    wanted += [('--report', 40, ['--title', 'Ward 3'], many), ('--map', 18, [], many)]
    for option, margin, words, which in wanted:
        good('export', which, option, path, *words, env=env)
        left = english(path)
        assert not left, (option, words, left)
        assert_laid_out(path, margin)


@test
def in_english(folder):
    """--english makes them in English, the same as who reads English gets"""
    env = spoken(folder)
    project, path = project_of(folder), os.path.join(folder, 'x.pdf')
    for option in ('--report', '--map'):
        texts = []
        for words, how in (([option, path], None), ([option, path, '--english'], env)):
            good('export', project, *words, env=how)
            texts.append(subprocess.run(['pdftotext', '-layout', path, '-'], check=True, capture_output=True).stdout.decode())
        assert texts[0] == texts[1] and '⟦' not in texts[1] and 'predicted' in texts[1], texts
    bad(2, 'export', project, '--csv', path, '--english', says=['--english', '--map'])


@test
def command_line_stays_english(folder):
    """What the command line itself says is English meanwhile: progress, results and errors"""
    env = spoken(folder)
    project, path = project_of(folder), os.path.join(folder, 'x.pdf')
    for option in ('--report', '--map'):
        result = run('export', project, option, path, env=env)
        assert result.code == 0 and 'Drawing' in result.err and '⟦' not in result.err + result.out, str(result)
        assert '⟦' not in bad(1, 'export', project, option, os.path.join(folder, 'no', 'x.pdf'), env=env)
    other = os.path.join(folder, 'other')
    os.makedirs(other)
    bad(1, 'export', project_of(other, labelled=False), '--map', path, env=env, says=['no map yet'])


@test
def tables_stay_as_they_are(folder):
    """Files for programs know no language"""
    env, project = spoken(folder), project_of(folder)
    both = []
    for k, how in enumerate(({}, env)):
        path = os.path.join(folder, f'{k}.csv')
        good('export', project, '--csv', path, env=how)
        with open(path, 'rb') as file:
            both.append(file.read())
    assert both[0] == both[1]


@test
def in_german(folder):
    """Numbers and dates are written as the locale has them"""
    needs('pdftotext')
    env = {'LC_ALL': 'de_DE.UTF-8', 'LANGUAGE': 'C'}
    german = subprocess.run(['locale', 'decimal_point'], capture_output=True, check=False, env={**os.environ, 'LC_ALL': 'de_DE.UTF-8'})
    if german.stdout.strip() != b',':
        raise Skip('the locale de_DE.UTF-8 is not installed')
    project, path = project_of(folder), os.path.join(folder, 'x.pdf')

    def said(*words, env=None):
        good('export', project, *words, env=env)
        return ' '.join(subprocess.run(['pdftotext', '-layout', path, '-'], check=True, capture_output=True).stdout.decode().split())
    plain, own = said('--report', path), said('--report', path, env=env)
    percent = re.search(r'(\d+)\.(\d) % of \d+ predictions', plain)
    assert percent and f'{percent[1]},{percent[2]} % of' in own, (plain, own)
    day, = set(re.findall(r'\b20\d\d-\d\d-\d\d\b', plain))
    year, month, date = day.split('-')
    assert own.count(f'{date}.{month}.{year}') == 2 and day not in own, own
    plain, own = said('--map', path, '--color-by', 'distance'), said('--map', path, '--color-by', 'distance', env=env)
    away = re.search(r'([\d.]+) away', plain)[1]
    assert '.' in away and away.replace('.', ',') + ' away' in own, (plain, own)
    own = said('--map', path, '--color-by', 'depth', env=env)
    assert '7,5' in own, own


@test
def any_script(folder):
    """Classes and readers of many scripts stand in report and figure as they are called"""
    needs('pdftotext', 'fc-list')
    for language in 'zh', 'ru':
        if not subprocess.run(['fc-list', f':lang={language}'], capture_output=True, check=True).stdout.strip():
            raise Skip(f'no font has the letters of {language}')
    project, path = project_of(folder), os.path.join(folder, 'x.pdf')
    for option in ('--report', '--map'):
        good('export', project, option, path)
        text = ' '.join(subprocess.run(['pdftotext', path, '-'], check=True, capture_output=True).stdout.decode().split())
        for name in ('肿瘤', 'Опухоль', 'Große Drüsen, señalado, évalué') + (('Jörg Weiß (3)',) if option == '--report' else ()):
            assert name in text, (option, name, text)
        fonts = subprocess.run(['pdffonts', path], capture_output=True, check=True).stdout.decode().splitlines()[2:]
        assert fonts and all(re.search(r'\byes +yes +(yes|no) +\d+ +\d+$', font) for font in fonts), fonts


main()
