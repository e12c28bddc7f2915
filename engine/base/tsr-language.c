#include "tsr-language.h"

#include <locale.h>

struct TsrLanguage {
  locale_t user; /* the document's; 0: not installed */
  locale_t former;
  TsrLanguage *outer;
};

static _Thread_local TsrLanguage *current;

TsrLanguage *
tsr_language_enter (bool english)
{
  TsrLanguage *self = g_new0 (TsrLanguage, 1);
  self->user = newlocale (LC_ALL_MASK, english ? "C.UTF-8" : "", (locale_t)0);
  if (self->user && english) /* in C.UTF-8 $LANGUAGE is heard */
    self->user = newlocale (LC_MESSAGES_MASK, "C", self->user);
  self->former = uselocale (self->user);
  self->outer = current;
  current = self;
  return self;
}

void
tsr_language_leave (TsrLanguage *self)
{
  uselocale (self->former);
  current = self->outer;
  if (self->user)
    freelocale (self->user);
  g_free (self);
}

bool
tsr_language_entered (void)
{
  return current != NULL;
}

TsrLanguage *
tsr_language_pause (void)
{
  TsrLanguage *self = current;
  if (self)
    uselocale (self->former);
  current = NULL;
  return self;
}

void
tsr_language_resume (TsrLanguage *self)
{
  if (self)
    uselocale (self->user);
  current = self;
}
