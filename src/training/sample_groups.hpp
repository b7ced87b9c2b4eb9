// Groups of a sample are taken or left out as a whole, because messages only pass inside them: the
// nodes that stay keep their neighbors.
#pragma once

#include <cstdint>

#include "sample.hpp"

namespace stationhit::training {

// Appends the nodes [begin, end) of `from`, each of weight `weight`, as one group.
void append_group(const Sample& from, std::uint32_t begin, std::uint32_t end, float weight,
                  Sample& to);

}  // namespace stationhit::training
