"""What is installed, and that it works wherever it is put: the program finds its readers, its model and its languages beside it."""

import os
import shutil
import subprocess
import tempfile

from tap import TESSERA, Skip, environment, main, test

ID = 'io.github.tessera_annotator.Tessera'
BUILD = os.path.dirname(os.path.dirname(TESSERA))


def tree(folder):
    """The tree below the prefix, installed into folder, which is no place that anything was built for."""
    if not shutil.which('meson') or not os.path.exists(os.path.join(BUILD, 'build.ninja')):
        raise Skip('no meson, or no build of its')
    done = subprocess.run(['meson', 'install', '-C', BUILD, '--no-rebuild', '--quiet', '--destdir', folder], capture_output=True, text=True,
                          timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    found = [root for root, _, files in os.walk(folder) if root.endswith('/bin') and 'tessera' in files]
    assert len(found) == 1, found
    return os.path.dirname(found[0])


def run(prefix, *words, **more):
    env = {k: v for k, v in environment().items() if not k.startswith('TESSERA_')}
    env.update(more)
    return subprocess.run([os.path.join(prefix, 'bin', 'tessera'), *words], capture_output=True, text=True, env=env, timeout=300, check=False)


@test
def installed(folder):
    """Everything a desktop and the program look for is installed, and valid where its validator is there"""
    prefix = tree(folder)
    for path in (f'share/applications/{ID}.desktop', f'share/metainfo/{ID}.metainfo.xml', f'share/mime/packages/{ID}.xml',
                 f'share/icons/hicolor/scalable/apps/{ID}.svg', f'share/icons/hicolor/symbolic/apps/{ID}-symbolic.svg',
                 'share/tessera/demo-model.safetensors', 'libexec/tessera-slide-reader', 'libexec/tessera-coords-reader'):
        assert os.path.isfile(os.path.join(prefix, path)), path
    with open(os.path.join(os.environ['TESSERA_SOURCE_DIR'], 'po', 'LINGUAS'), encoding='utf-8') as file:
        for language in ' '.join(line for line in file if not line.startswith('#')).split():
            assert os.path.isfile(os.path.join(prefix, 'share', 'locale', language, 'LC_MESSAGES', 'tessera.mo')), language
    for validator, path in ((['desktop-file-validate'], f'share/applications/{ID}.desktop'),
                            (['appstreamcli', 'validate', '--no-net'], f'share/metainfo/{ID}.metainfo.xml')):
        if shutil.which(validator[0]):
            done = subprocess.run([*validator, os.path.join(prefix, path)], capture_output=True, text=True, timeout=60, check=False)
            assert done.returncode == 0, done.stdout + done.stderr


@test
def moved(folder):
    """In a place that nobody built it for, it finds its readers, its model and its languages"""
    prefix = tree(os.path.join(folder, 'tree'))
    project, text, coords, picture = (os.path.join(folder, name) for name in ('p.tessera', 'x.svs', 'x.h5', 'x.ppm'))
    with open(text, 'wb') as file:
        file.write(b'no slide')
    with open(coords, 'wb') as file:
        file.write(b'\x89HDF\r\n\x1a\n and no more')
    with open(picture, 'wb') as file:
        file.write(b'P6 64 64 255\n' + bytes(64 * 64 * 3))
    for reader, words in (('tessera-slide-reader', ['--slides', text]), ('tessera-coords-reader', ['--slides', picture, '--coords', coords])):
        done = run(prefix, 'new', project, *words)
        assert done.returncode == 1 and 'install' not in done.stderr, done.stderr
        os.rename(os.path.join(prefix, 'libexec', reader), os.path.join(prefix, 'libexec', 'gone'))
        done = run(prefix, 'new', project, *words)
        if not os.path.exists('/usr/local/libexec/' + reader):
            assert done.returncode == 1 and 'install Tessera again' in done.stderr and reader in done.stderr, done.stderr
        os.rename(os.path.join(prefix, 'libexec', 'gone'), os.path.join(prefix, 'libexec', reader))
    done = run(prefix, LANGUAGE='de')
    assert 'keinen Bildschirm' in done.stderr, done.stderr
    with tempfile.TemporaryDirectory() as home:
        os.rename(os.path.join(prefix, 'share', 'tessera', 'demo-model.safetensors'), os.path.join(prefix, 'gone'))
        done = run(prefix, 'demo', os.path.join(home, 'demo'), '--headless', XDG_DATA_HOME=home)
        assert done.returncode == 1 and 'demo-model.safetensors' in done.stderr, done.stderr # it is looked for there, and nowhere in the sources


main()
