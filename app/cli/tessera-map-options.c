#include "tessera-map-options.h"

#include "tsr-error.h"

TsrTsneOptions
tessera_map_options (TesseraCli *cli)
{
  return (TsrTsneOptions){.perplexity = tessera_options_number (cli->options, "perplexity"),
                          .exaggeration = tessera_options_number (cli->options, "exaggeration"),
                          .iterations = (int)tessera_options_integer (cli->options, "iterations"),
                          .seed = (uint64_t)tessera_options_integer (cli->options, "seed")};
}

TsrUmapOptions
tessera_umap_options (TesseraCli *cli)
{
  return (TsrUmapOptions){.neighbours =
                              (size_t)tessera_options_integer (cli->options, "neighbours"),
                          .min_dist = tessera_options_number (cli->options, "min-dist"),
                          .epochs = (int)tessera_options_integer (cli->options, "iterations"),
                          .seed = (uint64_t)tessera_options_integer (cli->options, "seed")};
}

bool
tessera_map_check_options (TesseraCli *cli, GError **error)
{
  static const struct {
    const char *option, *methods;
  } about[] = {{"perplexity", "tsne"}, {"exaggeration", "tsne"},       {"neighbours", "umap"},
               {"min-dist", "umap"},   {"iterations", "tsne or umap"}, {"balance", "tsne or umap"}};
  const char *method = tessera_options_text (cli->options, "method");
  for (size_t i = 0; i < G_N_ELEMENTS (about); i++)
    if (tessera_options_has (cli->options, about[i].option) && !strstr (about[i].methods, method) &&
        tessera_options_given (cli->options, about[i].option)) {
      g_set_error (error, TSR_ERROR, TSR_ERROR_USAGE,
                   "--%s means nothing to --method %s: leave it out, or use --method %s.",
                   about[i].option, method, about[i].methods);
      return false;
    }
  return true;
}

json_t *
tessera_map_stages (const TsrTsneReport *report)
{
  json_t *stages = json_object ();
  tessera_cli_set_number (stages, "neighbours_s", report->neighbours_s);
  tessera_cli_set_number (stages, "affinities_s", report->affinities_s);
  tessera_cli_set_number (stages, "initialise_s", report->initialise_s);
  tessera_cli_set_number (stages, "optimise_s", report->optimise_s);
  return stages;
}

void
tessera_map_set_iterations (json_t *object, const TsrTsneReport *report)
{
  json_object_set_new (object, "iterations",
                       report ? json_integer (report->iterations) : json_null ());
  json_object_set_new (object, "exaggeration_iterations",
                       report ? json_integer (report->exaggeration_iterations) : json_null ());
}

void
tessera_map_note_perplexity (TesseraCli *cli, double asked, const TsrTsneReport *report)
{
  asked = asked > 0 ? asked : TSR_TSNE_PERPLEXITY;
  if (!(report->perplexity > 0))
    tessera_cli_note (cli, "Fewer than four tiles are laid out by their principal components: "
                           "there is nothing for t-SNE to arrange.");
  else if (report->perplexity < asked)
    tessera_cli_note (cli,
                      "These are few tiles: the perplexity was lowered from %.4g to %.4g, a third "
                      "of the other tiles.",
                      asked, report->perplexity);
}

void
tessera_map_note_neighbours (TesseraCli *cli, size_t neighbours)
{
  int64_t given = tessera_options_integer (cli->options, "neighbours");
  size_t asked = given > 0 ? (size_t)given : TSR_UMAP_NEIGHBOURS;
  if (neighbours == 0)
    tessera_cli_note (cli, "Fewer than four tiles are laid out by their principal components: "
                           "there is nothing for UMAP to arrange.");
  else if (neighbours < asked)
    tessera_cli_note (cli,
                      "These are few tiles: the neighbours were lowered from %zu to %zu, all "
                      "other tiles.",
                      asked, neighbours);
}
