#include "tessera-request.h"

TesseraRequest *
tessera_request_new (TesseraRequestKind kind)
{
  TesseraRequest *request = g_new0 (TesseraRequest, 1);
  request->kind = kind;
  return request;
}

void
tessera_request_set_tiles (TesseraRequest *request, const uint32_t *tiles, size_t n)
{
  g_free (request->tiles);
  request->tiles = g_memdup2 (tiles, n * sizeof *tiles);
  request->n_tiles = n;
}

void
tessera_request_free (TesseraRequest *request)
{
  g_free (request->tiles);
  g_clear_pointer (&request->class_, tsr_class_free);
  g_clear_pointer (&request->classes, g_ptr_array_unref);
  g_clear_pointer (&request->list, g_ptr_array_unref);
  tsr_readings_unref (request->readings);
  g_free (request->key);
  g_free (request->text);
  g_free (request);
}

TesseraReply *
tessera_reply_new (TesseraRequestKind kind)
{
  TesseraReply *reply = g_new0 (TesseraReply, 1);
  reply->kind = kind;
  return reply;
}

static void
free_dispute (TsrDispute *dispute)
{
  tsr_dispute_clear (dispute);
  g_free (dispute);
}

void
tessera_reply_free (TesseraReply *reply)
{
  g_clear_pointer (&reply->dispute, free_dispute);
  g_clear_error (&reply->error);
  g_clear_pointer (&reply->contents, tessera_contents_unref);
  g_clear_pointer (&reply->classes, g_ptr_array_unref);
  g_free (reply->truth_classes);
  g_clear_pointer (&reply->changes, g_array_unref);
  g_free (reply->label);
  g_free (reply->excluded);
  g_free (reply->predictions);
  g_clear_pointer (&reply->colours, g_bytes_unref);
  g_clear_pointer (&reply->counts, tessera_counts_free);
  g_clear_pointer (&reply->queue, g_array_unref);
  g_clear_pointer (&reply->recent, g_array_unref);
  g_free (reply->description);
  g_clear_pointer (&reply->settings, g_hash_table_unref);
  g_clear_pointer (&reply->neighbours, g_array_unref);
  g_clear_pointer (&reply->near_labels, g_array_unref);
  g_free (reply->annotator);
  tsr_audit_free (reply->audit);
  g_free (reply);
}
