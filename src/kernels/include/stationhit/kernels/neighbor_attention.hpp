// Additive attention over neighbors (attention.hpp) for inference: nothing is kept for a backward
// pass.
#pragma once

#include <cstddef>

#include <stationhit/kernels/aligned_buffer.hpp>
#include <stationhit/kernels/attention.hpp>
#include <stationhit/kernels/views.hpp>

namespace stationhit::kernels {

// out_i = sum over j in N(i) and i itself (once) of alpha_ij values_j, for every head, as attend()
// computes it: scores a, b [N, H] with padded columns (packed_product.hpp), values and out [N, H
// D]; behind the last value 15 more are readable (AlignedBuffer::slack). scratch grows to 16 (k +
// 17) numbers, or those of the largest group in the place of k, for up to 16 heads.
void attend_to_neighbors(const Edges& edges, const AttentionScores<float>& scores,
                         MatrixView<const float> values, AlignedBuffer<float>& scratch,
                         MatrixView<float> out);

}  // namespace stationhit::kernels
