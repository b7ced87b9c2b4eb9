// The table of times that the subcommands bench and replay print.
#pragma once

#include <cstdio>

#include <stationhit/inference/latency.hpp>

namespace stationhit::app {

inline void print_percentiles_head() {
  std::printf("  %-12s %8s %8s %8s %8s %8s %7s\n", "ms/event", "p50", "p90", "p99", "max", "mean",
              "n");
}

inline void print_percentiles(const char* name, const inference::Percentiles& ms) {
  std::printf("  %-12s %8.3f %8.3f %8.3f %8.3f %8.3f %7zu\n", name, ms.p50, ms.p90, ms.p99, ms.max,
              ms.mean, ms.n);
}

}  // namespace stationhit::app
