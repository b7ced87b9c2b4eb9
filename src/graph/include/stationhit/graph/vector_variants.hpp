// Functions compiled several times for wider vectors; the widest that the machine has is chosen
// when the program is loaded.
#pragma once

// Put in front of a function definition. Results do not depend on the variant: no contraction, no
// reordering of float operations. Not under sanitizers, which are not up yet at the moment of the
// choice.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define STATIONHIT_VECTOR_VARIANTS __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define STATIONHIT_VECTOR_VARIANTS
#endif
