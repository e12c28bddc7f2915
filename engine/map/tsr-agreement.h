#pragma once
/* How far two readers of the same tiles agree. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** One class, as against all others together. */
typedef struct {
  uint64_t first, second, both; /* tiles the first reader, the second, and both gave it */
  double agreement; /* specific agreement, 2 both / (first + second) (Cicchetti & Feinstein, High
                       agreement but low kappa II, 1990); NAN if nobody gave it */
  double kappa;     /* NAN where undefined */
} TsrClassAgreement;

typedef struct {
  size_t n, n_classes;     /* tiles that both gave a class */
  uint64_t *confusion;     /* [n_classes][n_classes], rows the first reader, columns the second */
  double agreement;        /* share of tiles given the same class; NAN without tiles */
  double kappa;            /* NAN where undefined: no tiles, or one class for all by both */
  double error;            /* kappa's standard error; NAN where undefined */
  double low, high;        /* kappa's 95 % interval, kappa -+ 1.96 error, within [-1,1]; NAN
                              where kappa is, and where the error is 0, which tells nothing: all
                              agree, or one of the two gave one class only */
  TsrClassAgreement *each; /* [n_classes] */
} TsrAgreement;

/** Compares two readings of n tiles, first[i] and second[i] in [0, n_classes); tiles with a
 * negative value in either are left out. Cohen's kappa (A coefficient of agreement for nominal
 * scales, 1960, eq. 1), its standard error for samples of any kappa (Fleiss, Cohen & Everitt, Large
 * sample standard errors of kappa and weighted kappa, 1969, eq. 13). */
TsrAgreement *tsr_agreement_new (const int32_t *first, const int32_t *second, size_t n,
                                 size_t n_classes);

/** Whether one of the two gave every tile the same class: kappa is 0 then, whatever the other one
 * said (or undefined). */
bool tsr_agreement_is_onesided (const TsrAgreement *agreement);

/** Frees the comparison with its arrays; NULL is allowed. */
void tsr_agreement_free (TsrAgreement *agreement);
