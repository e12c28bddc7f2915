/* tessera devices: what OpenCL offers. */

#include "tessera-command.h"
#include "tsr-device.h"

static const TesseraOption options[] = {TESSERA_COMMON_OPTIONS};

static const char *
kind (const TsrDeviceInfo *info)
{
  return info->is_gpu ? "gpu" : info->is_cpu ? "cpu" : "accelerator";
}

static bool
run (TesseraCli *cli, GError **error)
{
  g_autoptr (GPtrArray) devices = tsr_device_list ();
  json_t *list = json_array ();
  json_object_set_new (cli->result, "devices", list);
  for (guint i = 0; i < devices->len; i++) {
    const TsrDeviceInfo *info = g_ptr_array_index (devices, i);
    json_t *entry = json_object ();
    tessera_cli_set_text (entry, "id", info->id);
    tessera_cli_set_text (entry, "name", info->name);
    tessera_cli_set_text (entry, "platform", info->platform);
    tessera_cli_set_text (entry, "driver", info->driver);
    tessera_cli_set_text (entry, "type", kind (info));
    json_object_set_new (entry, "memory", json_integer ((json_int_t)info->memory));
    json_object_set_new (entry, "max_allocation", json_integer ((json_int_t)info->max_allocation));
    json_object_set_new (entry, "compute_units", json_integer (info->compute_units));
    tessera_cli_set_number (entry, "score", info->score);
    json_object_set_new (entry, "default", json_boolean (i == 0));
    json_array_append_new (list, entry);
    tessera_cli_print (cli, "%s%-5s %-4s %s\n       %s, driver %s, %u units, %.1f GiB\n",
                       i == 0 ? "* " : "  ", info->id, kind (info), info->name, info->platform,
                       info->driver, info->compute_units, (double)info->memory / (1 << 30));
  }
  if (devices->len == 0)
    tessera_cli_print (
        cli, "No OpenCL device. Install a driver; pocl-opencl-icd runs on every processor.\n");
  return true;
}

const TesseraCommand tessera_command_devices = {
    .name = "devices",
    .arguments = "",
    .summary = "List the OpenCL devices, the default first",
    .details =
        "--device of other commands, and TESSERA_DEVICE, take an id, cpu, gpu, or part of a name.",
    .options = options,
    .run = run,
};
