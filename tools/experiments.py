#!/usr/bin/env python3
"""Runs the comparisons of training settings behind docs/results.md, one factor at a time, and prints their table.

usage: tools/experiments.py TESSERA FOLDER DATA [--kimg N] [--seeds N] [--sets A,B] [--only TEXT] [--device ID] [--jobs N] [--plan]
       [--table [--readings]]

TESSERA is the program, DATA holds a folder of labelled tiles for each set (pcam, covid_ct), FOLDER keeps everything: a run that
is interrupted (Ctrl+C, kill) goes on from its checkpoint the next time, a finished one is not repeated. One training is bound to each
core, so that as many run side by side; with --device, --jobs of them share that device and are bound to nothing. --plan says what is still to do and how many hours it takes; --table prints what is done.
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time

SETS = ['pcam', 'covid_ct']
BASE = ['--preset', 'quick', '--precision', 'bf16', '--choose', 'reconstruction']
# name: what differs from BASE (64 px, base 2048, max 64, W 128, gamma 0.256, lambda 1/W, beta 4, all but 4 layers shared, ADA, encoder of W)
ROWS = {
    'default': [],
    'f32': ['--precision', 'f32'],
    'no augmentation': ['--augment', 'none'],
    'gamma 0.05': ['--gamma', '0.0512'],
    'gamma 1': ['--gamma', '1'],
    'gamma 4': ['--gamma', '4'],
    'no encoder loss': ['--lambda', '0', '--beta', '0'],
    'lambda 0': ['--lambda', '0'],
    'lambda x 4': ['--lambda', '0.03125'],
    'beta 0': ['--beta', '0'],
    'beta 0.25': ['--beta', '0.25'],
    'beta 1': ['--beta', '1'],
    'beta 16': ['--beta', '16'],
    'shared: none': ['--shared-layers', '0'],
    'shared: all but 1': ['--shared-layers', '11'],
    'shared: all but 2': ['--shared-layers', '10'],
    'shared: all but 3': ['--shared-layers', '9'],
    'shared: all but 5': ['--shared-layers', '7'],
    'shared: all but 6': ['--shared-layers', '6'],
    'reconstruction into G': ['--generator-reconstructs'],
    'encoder of Z': ['--latent', 'z'],
    'encoder EMA 2': ['--encoder-ema', '2'],
    'learning rate 0.001': ['--learning-rate', '0.001'],
    'learning rate 0.004': ['--learning-rate', '0.004'],
    'batch 32': ['--batch', '32'],
    'resolution 128': ['--resolution', '128'],
    'resolution 128, beta 1': ['--resolution', '128', '--beta', '1'],
    'resolution 128, beta 0.25': ['--resolution', '128', '--beta', '0.25'],
    'base 4096': ['--channel-base', '4096', '--channel-max', '128'],
}
# Other readings of the same training, beside its last state read by the averaged encoder: which file, and how embed is asked.
READINGS = {'newest weights': ('p.model.safetensors', ['--encoder', 'newest']), 'chosen state': ('p.model.best.safetensors', [])}
EVALUATION = ['--labels', '10,20,50', '--runs', '5', '--rules', 'map,w', '--json']


class Run:
    def __init__(self, args, tiles, row, seed):
        self.args, self.tiles, self.row, self.seed = args, tiles, row, seed
        name = f'{tiles}-{row}-{seed}'.replace(' ', '_').replace(':', '')
        self.folder = os.path.join(args.folder, name)
        self.project = os.path.join(self.folder, 'p.tessera')
        self.result = os.path.join(self.folder, 'result.json')

    def done(self):
        return os.path.exists(self.result)

    def call(self, core, *command, stdout=subprocess.DEVNULL):
        if self.args.device:
            bound, environment = [], dict(os.environ, TESSERA_DEVICE=self.args.device)
        else:
            bound = ['taskset', '-c', str(core)]
            environment = dict(os.environ, OMP_NUM_THREADS='1', POCL_MAX_PTHREAD_COUNT='1')
        process = subprocess.Popen([*bound, self.args.tessera, *command], env=environment, stdout=stdout, stderr=subprocess.DEVNULL,
                                   text=True)
        running.add(process)
        output, _ = process.communicate()
        running.discard(process)
        return process.returncode, output

    def json(self, core, *command):
        code, output = self.call(core, *command, stdout=subprocess.PIPE)
        if code != 0:
            raise RuntimeError(f'tessera {" ".join(command)}: exit {code}: {output}')
        return json.loads(output)

    def read(self, core, model, how):
        """What a model's vectors are worth."""
        self.json(core, 'embed', self.project, '--model', model, *how, '--json')
        self.json(core, 'map', self.project, '--json')
        return self.json(core, 'evaluate', self.project, *EVALUATION)['rows']

    def go(self, core):
        os.makedirs(self.folder, exist_ok=True)
        model = os.path.join(self.folder, 'p.model.safetensors')
        if not os.path.exists(self.project):
            self.json(core, 'new', self.project, '--tiles', os.path.join(self.args.data, self.tiles), '--labels-from-folders', '--json')
        options = BASE + ['--seed', str(self.seed), '--kimg', str(self.args.kimg)] + ROWS[self.row]
        if os.path.exists(model):
            options = ['--resume', '--kimg', str(self.args.kimg)]
        trained = self.json(core, 'train', self.project, '--json', *options)
        readings = {name: self.read(core, os.path.join(self.folder, file), how) for name, (file, how) in READINGS.items()
                    if os.path.exists(os.path.join(self.folder, file))}
        rows = self.read(core, model, [])
        with open(self.result + '.new', 'w') as file:
            json.dump({'set': self.tiles, 'row': self.row, 'seed': self.seed, 'kimg': trained['kimg'],
                       'images_per_s': trained['images_per_s'], 'quality': trained['quality'], 'losses': trained['losses'],
                       'message': trained['message'], 'chosen_kimg': trained['chosen_kimg'], 'rows': rows, 'readings': readings},
                      file, indent=1)
        os.replace(self.result + '.new', self.result)


running, stopping = set(), threading.Event()


def stop(*_):
    stopping.set()
    for process in list(running):
        process.send_signal(signal.SIGINT)


def work(core, queue, lock):
    while not stopping.is_set():
        with lock:
            if not queue:
                return
            run = queue.pop(0)
        print(time.strftime('%H:%M'), 'core', core, run.folder, flush=True)
        try:
            run.go(core)
        except (RuntimeError, ValueError) as error:
            if not stopping.is_set():
                print(error, flush=True)


def table(runs, readings):
    results = [json.load(open(run.result)) for run in runs if run.done()]
    print('| set | setting | kimg | Fréchet | reconstruction MSE | images/s | FPS, map: 10 | 20 | 50 | random, map: 50 | FPS, W: 50 |')
    print('|---|---|---|---|---|---|---|---|---|---|---|')
    for tiles in SETS:
        for row in ROWS:
            group = [r for r in results if r['set'] == tiles and r['row'] == row]
            if not group:
                continue

            def mean(values):
                values = [v for v in values if v is not None]
                return sum(values) / len(values) if values else float('nan')

            def score(reading, strategy, rule, labels):
                found = [x for r in group for x in (r.get('readings', {}).get(reading, []) if reading else r['rows'])
                         if x['strategy'] == strategy and x['rule'] == rule and x['labels'] == labels]
                return f"{mean([x['accuracy']['mean'] for x in found]):.3f} / {mean([x['auc']['mean'] for x in found]):.3f}"

            name = row + (f" ({len(group)} seeds)" if len(group) > 1 else '')
            for reading in [None] + (list(READINGS) if readings else []):
                scores = [score(reading, 'fps', 'map', 10), score(reading, 'fps', 'map', 20), score(reading, 'fps', 'map', 50),
                          score(reading, 'random', 'map', 50), score(reading, 'fps', 'w', 50)]
                print(f"| {tiles} | {name}{', ' + reading if reading else ''} | {mean([r['kimg'] for r in group]):.0f} | "
                      f"{mean([r['quality']['frechet'] for r in group]):.3g} | "
                      f"{mean([r['losses']['mse'] for r in group]):.3f} | {mean([r['images_per_s'] for r in group]):.0f} | "
                      + ' | '.join(scores) + ' |')


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('tessera')
    parser.add_argument('folder')
    parser.add_argument('data')
    parser.add_argument('--kimg', type=float, default=100)
    parser.add_argument('--seeds', type=int, default=1)
    parser.add_argument('--sets', default=','.join(SETS), help='which of the sets')
    parser.add_argument('--only', default='', help='rows whose name holds one of these words, separated by commas; the first ones first')
    parser.add_argument('--device', help='an OpenCL device of “tessera devices” that all trainings share')
    parser.add_argument('--jobs', type=int, help='how many trainings side by side (one a core)')
    parser.add_argument('--rate', type=float, default=24, help='images a second on one core, for --plan')
    parser.add_argument('--plan', action='store_true')
    parser.add_argument('--table', action='store_true')
    parser.add_argument('--readings', action='store_true', help='with --table: also by the newest weights, and of the chosen state')
    args = parser.parse_args()
    args.tessera = shutil.which(args.tessera) or os.path.abspath(args.tessera)
    rows = list(dict.fromkeys(row for word in args.only.split(',') for row in ROWS if word in row))
    runs = [Run(args, tiles, row, seed) for seed in range(1, args.seeds + 1) for row in rows for tiles in args.sets.split(',')]
    open_runs = [run for run in runs if not run.done()]
    cores = sorted(os.sched_getaffinity(0))
    if args.jobs:
        cores = [cores[k % len(cores)] for k in range(args.jobs)]
    if args.table:
        table(runs, args.readings)
        return 0
    hours = len(open_runs) * args.kimg * 1000 / args.rate / 3600
    print(f'{len(open_runs)} of {len(runs)} runs to do: {hours:.1f} hours of one job, {hours / len(cores):.1f} of {len(cores)}')
    if args.plan:
        return 0
    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    lock = threading.Lock()
    threads = [threading.Thread(target=work, args=(core, open_runs, lock)) for core in cores]
    for thread in threads:
        thread.start()
    for thread in threads:
        while thread.is_alive():
            thread.join(0.5)
    return 0


if __name__ == '__main__':
    sys.exit(main())
