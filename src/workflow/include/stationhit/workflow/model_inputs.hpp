// What an ONNX model gets and gives for one event, as a safetensors file. Only in builds with ONNX
// Runtime.
#pragma once

#include <filesystem>

#include <stationhit/core/event.hpp>
#include <stationhit/inference/hit_classifier.hpp>

namespace stationhit::workflow {

// Tensors: the inputs of the model under their names in its file (features [N, F], neighbours,
// slots, slot_of_node, event_of_node, edge_index, as far as it has them), node_hit [N] (hit of
// every node), group_offsets [groups + 1] (ranges of nodes) and logits [N]. Throws DataError naming
// the path.
void write_model_inputs(const inference::HitClassifier& classifier, const core::Event& event,
                        const std::filesystem::path& path);

}  // namespace stationhit::workflow
