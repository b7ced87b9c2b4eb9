// Every batch allocates and frees tensors of many megabytes. By default glibc gives such blocks
// back to the system at once, and every new one costs page faults; with these limits the memory
// stays in the process.
#include <stationhit/training/trainer.hpp>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

namespace stationhit::training {

void keep_freed_memory() {
#if defined(__GLIBC__)
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
  mallopt(M_TOP_PAD, 64 << 20);
  mallopt(M_ARENA_MAX, 1);  // the other arenas give memory back whatever the limits above
#endif
}

}  // namespace stationhit::training
