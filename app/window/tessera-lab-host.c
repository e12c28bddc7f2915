#include "tessera-lab-host.h"

/* Where answers of one slot come out. */
typedef struct {
  TesseraLabHost *host;
  int slot;
  TsrMailbox *mailbox;
} Outlet;

struct TesseraLabHost {
  TsrLab *lab;
  Outlet outlets[TSR_LAB_N_SLOTS];
  TesseraLabHostFunc answered;
  gpointer user;
};

static void
answer_cb (gpointer answer, gpointer user)
{
  const Outlet *outlet = user;
  outlet->host->answered (outlet->slot, answer, outlet->host->user);
}

TesseraLabHost *
tessera_lab_host_new (const char *project, TesseraLabHostFunc answered, gpointer user)
{
  TesseraLabHost *host = g_new0 (TesseraLabHost, 1);
  host->lab = tsr_lab_new (project, NULL);
  host->answered = answered;
  host->user = user;
  for (int k = 0; k < TSR_LAB_N_SLOTS; k++) {
    Outlet *outlet = &host->outlets[k];
    *outlet = (Outlet){host, k, NULL};
    outlet->mailbox = tsr_mailbox_new (answer_cb, outlet, (GDestroyNotify)tsr_lab_answer_free);
    tsr_lab_listen (host->lab, k, outlet->mailbox);
  }
  return host;
}

void
tessera_lab_host_free (TesseraLabHost *host)
{
  if (host == NULL)
    return;
  for (int k = 0; k < TSR_LAB_N_SLOTS; k++) {
    tsr_mailbox_close (host->outlets[k].mailbox);
    tsr_mailbox_unref (host->outlets[k].mailbox);
  }
  tsr_lab_unref (host->lab);
  g_free (host);
}

TsrLab *
tessera_lab_host_get_lab (TesseraLabHost *host)
{
  return host->lab;
}

void
tessera_lab_host_find (TesseraLabHost *host, TsrEngine *engine)
{
  if (tsr_lab_wants_host (host->lab))
    tsr_engine_set_guest (engine, tsr_job_lab, tsr_lab_failed, tsr_lab_ref (host->lab),
                          (GDestroyNotify)tsr_lab_unref);
}

void
tessera_lab_host_move (TesseraLabHost *host, TsrEngine *engine)
{
  tsr_lab_lost_host (host->lab);
  tessera_lab_host_find (host, engine);
}
