#!/usr/bin/python3
"""Writes metrics-values.h: predictions drawn at random and what scikit-learn says of them.
usage: make_metrics.py > metrics-values.h   (needs python3-sklearn)"""
import warnings

import numpy as np
from sklearn import metrics

warnings.filterwarnings("ignore")
rng = np.random.default_rng(3)


def numbers(values, form="{}"):
    return "{" + ", ".join(form.format(v) for v in values) + "}"


def real(v):
    return "NAN" if v is None or np.isnan(v) else "%.17g" % v


def scores_for(truth, classes, ties):
    s = rng.random((len(truth), classes)) + 0.25 * np.eye(classes)[truth]
    s /= s.sum(1, keepdims=True)
    return np.round(s * 8) / 8 if ties else s.astype(np.float32)


def area(truth, scores, classes):
    present = [c for c in range(classes) if (truth == c).any()]
    if len(present) < 2:
        return np.nan
    if classes == 2:
        return metrics.roc_auc_score(truth == 1, scores[:, 1])
    return np.mean([metrics.roc_auc_score(truth == c, scores[:, c]) for c in present])


def case(name, truth, predicted, scores, classes):
    truth, predicted = np.asarray(truth), np.asarray(predicted)
    labels = list(range(classes))
    known = [c for c in labels if (truth == c).any() or (predicted == c).any()]
    confusion = metrics.confusion_matrix(truth, predicted, labels=labels)
    sensitivity, specificity, precision, f1 = [], [], [], []
    for c in labels:
        t, p = truth == c, predicted == c
        sensitivity.append(metrics.recall_score(t, p) if t.any() else np.nan)
        specificity.append(metrics.recall_score(~t, ~p) if (~t).any() else np.nan)
        precision.append(metrics.precision_score(t, p) if p.any() else np.nan)
        f1.append(metrics.f1_score(t, p) if t.any() or p.any() else np.nan)
    print("  {")
    print('    .name = "%s", .n = %d, .n_classes = %d,' % (name, len(truth), classes))
    print("    .truth = (const int32_t[]) %s," % numbers(truth))
    print("    .predicted = (const int32_t[]) %s," % numbers(predicted))
    print("    .scores = (const float[]) %s," % numbers(["%.9gf" % v if v % 1 else "%d" % v for v in scores.ravel()]))
    print("    .accuracy = %s, .balanced_accuracy = %s, .macro_f1 = %s, .auc = %s," % (
        real(metrics.accuracy_score(truth, predicted)), real(metrics.balanced_accuracy_score(truth, predicted)),
        real(metrics.f1_score(truth, predicted, labels=known, average="macro")), real(area(truth, scores, classes))))
    for key, values in (("sensitivity", sensitivity), ("specificity", specificity), ("precision", precision), ("f1", f1)):
        print("    .%s = (const double[]) %s," % (key, numbers([real(v) for v in values])))
    print("    .confusion = (const uint64_t[]) %s," % numbers(confusion.ravel()))
    print("  },")


def noisy(truth, classes, share):
    return np.where(rng.random(len(truth)) < share, rng.integers(0, classes, len(truth)), truth)


print("/* Written by make_metrics.py with scikit-learn; do not edit. */\n")
print("static const Case cases[] = {")
for name, n, classes, draw, share, ties in (
        ("binary", 40, 2, [0, 1], 0.3, False), ("binary with ties", 40, 2, [0, 1], 0.5, True),
        ("three classes", 45, 3, [0, 1, 2], 0.4, False), ("three classes with ties", 45, 3, [0, 1, 2], 0.4, True),
        ("a class never true", 30, 4, [0, 1, 3], 0.5, True), ("a class never predicted", 30, 3, [0, 1, 2], 0.0, False),
        ("one class only", 10, 3, [1], 0.5, True), ("binary, one class only", 10, 2, [1], 0.5, False),
        ("rare class", 50, 5, [0, 0, 0, 0, 1, 2, 3, 4], 0.3, True)):
    truth = rng.choice(draw, n)
    scores = scores_for(truth, classes, ties)
    predicted = noisy(truth, classes, share)
    if name == "a class never predicted":
        predicted = np.where(predicted == 2, 0, predicted)
    case(name, truth, predicted, scores, classes)
print("};")
