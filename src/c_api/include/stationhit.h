/* Scores of hits from an exported model, for programs in C and for languages that call C.
 *
 * Rules that hold for all functions:
 *  - A function that can fail returns an error, or a null pointer where all went well. The caller
 *    frees an error. No exception and no signal leaves a function, and none prints.
 *  - A model may be used by several threads at once, without a lock. Loading and freeing of the
 * same model may not overlap with its use.
 *  - Structures begin with their size in the program that uses them. Later versions only append
 *    members; this library takes the structures of all earlier versions.
 *  - Null pointers are errors where nothing else is said, and never a crash.
 * What cannot be checked: that a pointer which is not null has the values that the counts say.
 */
#ifndef STATIONHIT_H
#define STATIONHIT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Of this library: "0.1.0". */
const char* stationhit_version(void);

/* What a function that fails returns. */
typedef struct stationhit_error stationhit_error;

enum {
  STATIONHIT_ERROR_USAGE = 2,    /* a wrong call: null pointer, number of scores, unknown choice */
  STATIONHIT_ERROR_CONFIG = 3,   /* settings that contradict each other */
  STATIONHIT_ERROR_DATA = 4,     /* a model or an event that is wrong */
  STATIONHIT_ERROR_INTERNAL = 5, /* anything else */
  STATIONHIT_ERROR_MEMORY = 6    /* not enough memory */
};

/* One of the codes; 0 for a null pointer. */
int32_t stationhit_error_code(const stationhit_error* error);
/* What is wrong, where, which value and what to do. Lives as long as the error; "" for a null
 * pointer. */
const char* stationhit_error_text(const stationhit_error* error);
/* Null is allowed. */
void stationhit_error_free(stationhit_error* error);

/* A model that was loaded. */
typedef struct stationhit_model stationhit_model;

enum {
  STATIONHIT_BACKEND_AUTO = 0, /* the engine where it can run the file, else ONNX Runtime */
  STATIONHIT_BACKEND_ENGINE = 1,
  STATIONHIT_BACKEND_ONNXRUNTIME = 2
};
enum { STATIONHIT_PRECISION_FLOAT32 = 0, STATIONHIT_PRECISION_BFLOAT16 = 1 };
enum { STATIONHIT_LOG_DEBUG = 0, STATIONHIT_LOG_INFO = 1, STATIONHIT_LOG_WARNING = 2 };

/* How a model is loaded: the size, and 0 for what is left to the library. */
typedef struct stationhit_options {
  size_t struct_size; /* sizeof(stationhit_options) */
  int32_t backend;
  int32_t precision;
  /* Called while the model is loaded, with what runs it and with warnings; may be null. It must
   * return normally. */
  void (*log)(int32_t level, const char* message, void* user);
  void* log_user;
} stationhit_options;

/* path: an exported ONNX file. options: null for the defaults (all 0). *model is null after an
 * error. */
stationhit_error* stationhit_model_load(const char* path, const stationhit_options* options,
                                        stationhit_model** model);
/* Null is allowed. */
void stationhit_model_free(stationhit_model* model);

/* The cut of a working point ("0.99"): a hit is kept if its score is larger. */
stationhit_error* stationhit_model_threshold(const stationhit_model* model,
                                             const char* working_point, float* cut);

/* The columns of an event that the model needs, by the names of the ntuple ("spacePoint_covYY"),
 * for events with buckets (has_buckets != 0) or without. The names live as long as the model. */
stationhit_error* stationhit_model_needed_columns(const stationhit_model* model,
                                                  int32_t has_buckets, const char* const** names,
                                                  size_t* n_names);

/* An event: n_hits values in every column. A column that the model does not need may be null; it
 * then counts as 0 where it would break ties between hits that are equal in all others. Nothing is
 * copied. */
typedef struct stationhit_event {
  size_t struct_size; /* sizeof(stationhit_event) */
  /* Only errors name them. */
  uint64_t event_number;
  uint32_t run_number;
  size_t n_hits;
  /* mm, frame of the chamber: x along the tube or strip, y precision coordinate, z out of the plane
   */
  const float* local_x;
  const float* local_y;
  const float* local_z;
  /* mm, global */
  const float* glob_x;
  const float* glob_y;
  const float* glob_z;
  /* mm, global: the ends of the sensitive element */
  const float* edge_low_x;
  const float* edge_low_y;
  const float* edge_low_z;
  const float* edge_high_x;
  const float* edge_high_y;
  const float* edge_high_z;
  /* MDT TDC counts; RPC, MM, sTGC ns; TGC bitmap of bunch crossings */
  const float* time;
  /* mm, MDT; 0 for strips */
  const float* drift_r;
  /* -1 or 1 */
  const int8_t* read_out_side;
  /* mm^2, local */
  const float* cov_xx;
  const float* cov_xy;
  const float* cov_yx;
  const float* cov_yy;
  /* 1 if the hit carries a measurement of eta (phi) */
  const uint8_t* meas_eta;
  const uint8_t* meas_phi;
  /* other space points with the same eta (phi) measurement */
  const uint32_t* n_eta_in_use;
  const uint32_t* n_phi_in_use;
  /* MDT 0, RPC 2, TGC 3, sTGC 4, MM 5 */
  const uint8_t* technology;
  /* code of the station */
  const uint8_t* station_index;
  /* -8 to 8, the sign is the side */
  const int8_t* station_eta;
  /* 1 to 8 (TGC up to 48) */
  const uint8_t* station_phi;
  /* counted by technology */
  const uint8_t* layer;
  /* tube or strip */
  const uint16_t* channel;
  /* second (phi) strip, -1 if none */
  const int16_t* sec_channel;
  /* Buckets. Without them (n_buckets 0 and null pointers) they are built by the bucket rule. The
   * hits of bucket b are bucket_hits[bucket_offsets[b]] to bucket_hits[bucket_offsets[b + 1] - 1].
   */
  size_t n_buckets;
  size_t n_bucket_hits;
  const uint32_t* bucket_offsets; /* [n_buckets + 1] */
  const uint32_t* bucket_hits;    /* [n_bucket_hits] numbers of hits */
  const float* bucket_x_min;      /* [n_buckets] mm, the range along the precision axis */
  const float* bucket_x_max;
} stationhit_event;

/* The score (logit) of every hit. A hit with a NaN or an infinity gets -100. scores: [n_scores],
 * n_scores = n_hits. An event that contradicts itself is an error that names column and value, and
 * leaves the scores as they were. */
stationhit_error* stationhit_model_scores(const stationhit_model* model,
                                          const stationhit_event* event, float* scores,
                                          size_t n_scores);

/* The same for an event that was checked before: columns, buckets and their hits are not checked,
 * and a wrong one is undefined behavior. */
stationhit_error* stationhit_model_scores_unchecked(const stationhit_model* model,
                                                    const stationhit_event* event, float* scores,
                                                    size_t n_scores);

#ifdef __cplusplus
}
#endif

#endif
