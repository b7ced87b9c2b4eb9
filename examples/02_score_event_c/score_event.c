/* Scores one event with an exported model: score_event MODEL.onnx [WORKING_POINT]
 * The event is that of examples/01_score_event; the columns that the model does not need stay null. */
#include <stdint.h>
#include <stdio.h>

#include <stationhit.h>

#define N_HITS 8

/* Prints and frees an error. Returns 1 if there was one. */
static int failed(stationhit_error* error) {
  if (error == NULL) return 0;
  fprintf(stderr, "error: %s\n", stationhit_error_text(error));
  stationhit_error_free(error);
  return 1;
}

/* The hits of a program stand in columns of its own; each one that the model needs is shown. Six
 * drift-tube hits of a track through a middle barrel chamber and two hits far from it, in a bucket. */
static int score(const stationhit_model* model, float scores[N_HITS]) {
  float x[N_HITS], y[N_HITS], z[N_HITS], drift_radius[N_HITS];
  uint8_t technology[N_HITS], station[N_HITS], layer[N_HITS], phi[N_HITS];
  int8_t eta[N_HITS];
  uint32_t bucket_hits[N_HITS];
  const uint32_t bucket_offsets[2] = {0, N_HITS};
  stationhit_event event = {0};
  for (uint32_t i = 0; i < N_HITS; ++i) {
    x[i] = 0;
    y[i] = i >= 6 ? 900.0F + 40.0F * (float)i : 15.0F * (float)i;
    z[i] = -150.0F + 52.0F * (float)(i % 6);
    drift_radius[i] = 2.0F + (float)i;
    technology[i] = 0; /* MDT */
    station[i] = 2;    /* BML */
    eta[i] = 1;
    phi[i] = 1;
    layer[i] = (uint8_t)(i % 6 + 1);
    bucket_hits[i] = i;
  }
  event.struct_size = sizeof event;
  event.n_hits = N_HITS;
  event.local_x = x;
  event.local_y = y;
  event.local_z = z;
  event.drift_r = drift_radius;
  event.technology = technology;
  event.station_index = station;
  event.station_eta = eta;
  event.station_phi = phi;
  event.layer = layer;
  event.n_buckets = 1;
  event.n_bucket_hits = N_HITS;
  event.bucket_offsets = bucket_offsets;
  event.bucket_hits = bucket_hits;
  return failed(stationhit_model_scores(model, &event, scores, N_HITS));
}

int main(int argc, char** argv) {
  const char* working_point = argc > 2 ? argv[2] : "0.99";
  stationhit_model* model = NULL;
  float cut = 0, scores[N_HITS];
  if (argc < 2) {
    fprintf(stderr, "usage: score_event MODEL.onnx [WORKING_POINT]\n");
    return 2;
  }
  if (failed(stationhit_model_load(argv[1], NULL, &model))) return 1; /* once per process */
  if (failed(stationhit_model_threshold(model, working_point, &cut)) || score(model, scores)) {
    stationhit_model_free(model);
    return 1;
  }
  printf("cut at working point %s: %.4f\n", working_point, cut);
  for (int i = 0; i < N_HITS; ++i)
    printf("hit %d: %.4f %s\n", i, scores[i], scores[i] > cut ? "keep" : "drop");
  stationhit_model_free(model);
  return 0;
}
