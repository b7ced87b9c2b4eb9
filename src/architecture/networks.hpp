// The functions that the networks of the registry are made of.
#pragma once

#include <stationhit/architecture/model_config.hpp>

namespace stationhit::architecture {

void check_mlp(const ModelConfig& config);
void check_edgeconv(const ModelConfig& config);
void check_edgeconv_gat(const ModelConfig& config);
void check_edgeconv_attention(const ModelConfig& config);

}  // namespace stationhit::architecture
