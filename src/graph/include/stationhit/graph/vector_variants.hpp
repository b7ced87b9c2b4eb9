// Functions compiled several times for wider vectors; the widest that the machine has is chosen
// when the program is loaded.
#pragma once

// Put before a function definition. Results do not depend on the variant, because float operations
// are neither contracted nor reordered. Disabled under sanitizers, which are not initialized yet
// when the variant is chosen.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define STATIONHIT_VECTOR_VARIANTS __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define STATIONHIT_VECTOR_VARIANTS
#endif
