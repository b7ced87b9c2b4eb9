// The list of all networks, in the order in which they are shown. A new network is one name here
// and, found by that name, check_<name> and describe_<name> in src/architecture/<name>.cpp and
// make_<name> in src/models/<name>.cpp.
#pragma once

// Applies the macro USE to every name.
#define STATIONHIT_FOR_EACH_NETWORK(USE) \
  USE(mlp)                               \
  USE(edgeconv)                          \
  USE(edgeconv_gat)                      \
  USE(edgeconv_attention)                \
  USE(two_stage)
