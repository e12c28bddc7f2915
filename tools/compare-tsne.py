#!/usr/bin/env python3
"""Time `tessera bench tsne` and scikit-learn's TSNE on the same vectors, one after the other.

usage: compare-tsne.py VECTORS.npy [TESSERA]

VECTORS.npy is float32 [n, d], for example from ../shared/tools/tsne_data.py. Both get perplexity 30,
principal components to begin with and 1,000 iterations, on all cores; scikit-learn is
python3-sklearn in Debian. Prints a line of JSON: seconds and KL divergence of each, and the ratio.
"""

import json
import subprocess
import sys
import time

import numpy as np
import sklearn
from sklearn.manifold import TSNE


def run_tessera(program, path):
    started = time.perf_counter()
    output = subprocess.run([program, "bench", "tsne", "--input", path, "--json"], check=True,
                            capture_output=True, text=True).stdout
    result = json.loads(output)
    return {"seconds": time.perf_counter() - started, "kl": result["kl"], "total_s": result["total_s"]}


def run_sklearn(x):
    tsne = TSNE(perplexity=30, init="pca", learning_rate="auto", n_iter=1000, n_jobs=-1, random_state=0)
    started = time.perf_counter()
    tsne.fit(x)
    return {"seconds": time.perf_counter() - started, "kl": float(tsne.kl_divergence_)}


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    x = np.load(sys.argv[1])
    ours = run_tessera(sys.argv[2] if len(sys.argv) == 3 else "build/app/tessera", sys.argv[1])
    theirs = run_sklearn(x)
    print(json.dumps({"n": len(x), "d": x.shape[1], "tessera": ours, "sklearn": theirs,
                      "sklearn_version": sklearn.__version__,
                      "ratio": theirs["seconds"] / ours["seconds"]}))


if __name__ == "__main__":
    main()
