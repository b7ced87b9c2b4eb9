// Scaled dot product attention inside groups of any size, without padding and without masks.
#pragma once

#include <cstddef>
#include <span>

#include <stationhit/kernels/aligned_buffer.hpp>
#include <stationhit/kernels/views.hpp>

namespace stationhit::kernels {

// Queries (already multiplied by their scale), keys and values of N nodes: [N, H D], head h in the
// columns h D .. h D + D - 1. Behind the last value 15 more are readable (AlignedBuffer::slack).
struct AttentionInputs {
  MatrixView<const float> queries, keys, values;
};

// out_i = sum over j of softmax over j (query_i . key_j) value_j, for every head, over the nodes j
// of i's group: [N, H D]. Rows of `out` are contiguous up to its stride; what is beyond H D columns
// is left as it is. scratch grows to (D + 8) times the nodes of the largest group.
void attend_in_groups(const NodeGroups& groups, std::size_t heads, const AttentionInputs& inputs,
                      AlignedBuffer<float>& scratch, MatrixView<float> out);

}  // namespace stationhit::kernels
