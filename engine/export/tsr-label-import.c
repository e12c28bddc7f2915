#include "tsr-label-import.h"

#include "tsr-error.h"
#include "tsr-folder-walk.h"
#include "tsr-i18n.h"

#include <string.h>

static void
free_file (gpointer data)
{
  TsrLabelFile *file = data;
  g_free (file->path);
  g_free (file->slide);
  g_free (file);
}

static void
free_refusal (gpointer data)
{
  TsrLabelRefusal *refusal = data;
  g_free (refusal->name);
  g_free (refusal->reason);
  g_free (refusal);
}

void
tsr_label_report_init (TsrLabelReport *report)
{
  *report = (TsrLabelReport){.files = g_ptr_array_new_with_free_func (free_file),
                             .skipped = tsr_skipped_files_new (),
                             .new_classes = g_ptr_array_new_with_free_func (g_free),
                             .refused = g_ptr_array_new_with_free_func (free_refusal)};
}

void
tsr_label_report_clear (TsrLabelReport *report)
{
  g_clear_pointer (&report->files, g_ptr_array_unref);
  g_clear_pointer (&report->skipped, g_ptr_array_unref);
  g_clear_pointer (&report->new_classes, g_ptr_array_unref);
  g_clear_pointer (&report->refused, g_ptr_array_unref);
  *report = (TsrLabelReport){0};
}

char *
tsr_label_file_remark (const TsrLabelFile *file)
{
  g_autofree char *shown = g_filename_display_basename (file->path);
  if (file->broken > 0)
    return g_strdup_printf (
        g_dngettext (GETTEXT_PACKAGE,
                     "%u object of “%s” was left out, because its outline makes no sense; export "
                     "the file again.",
                     "%u objects of “%s” were left out, because their outlines make no sense; "
                     "export the file again.",
                     file->broken),
        file->broken, shown);
  if (file->told > 0)
    return NULL;
  if (file->annotations == 0)
    return g_strdup_printf (_ ("“%s” holds no annotation that has an area; draw some on its slide "
                               "and export it again."),
                            shown);
  if (file->telling == 0)
    return g_strdup_printf (_ ("No annotation of “%s” has a class that could label tiles; give "
                               "them classes and export it again."),
                            shown);
  return g_strdup_printf (_ ("No tile lies far enough inside of the annotations of “%s”; look "
                             "whether they are this slide's."),
                          shown);
}

static int32_t
find_id (TsrProject *project, const char *name)
{
  g_autoptr (GPtrArray) classes = tsr_project_classes (project);
  for (guint i = 0; i < classes->len; i++) {
    const TsrClass *class_ = g_ptr_array_index (classes, i);
    if (strcmp (class_->name, name) == 0)
      return class_->id;
  }
  return -1;
}

int32_t
tsr_label_class (TsrProject *project, const char *name, int64_t rgb, bool *fresh, GError **error)
{
  g_autoptr (GError) cause = NULL;
  int32_t id = find_id (project, name);
  if (id >= 0)
    return id;
  id = tsr_project_add_class (project, name, rgb, &cause);
  *fresh = id >= 0;
  if (id < 0) /* perhaps another process has just made it */
    id = find_id (project, name);
  if (id < 0)
    g_propagate_error (error, g_steal_pointer (&cause));
  return id;
}

uint32_t
tsr_label_count (const GArray *changes)
{
  uint32_t count = 0;
  for (guint i = 0; i < changes->len; i++) {
    const TsrLabelChange *change = &g_array_index (changes, TsrLabelChange, i);
    count += change->before != change->after || change->excluded_before != change->excluded_after;
  }
  return count;
}
