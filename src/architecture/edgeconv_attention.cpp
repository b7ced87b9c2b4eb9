#include <stationhit/core/errors.hpp>

#include "networks.hpp"
#include "registry.hpp"

namespace stationhit::architecture {

void check_edgeconv_attention(const ModelConfig& config) {
  check_monotone(config);
  check_divides_width("heads", config.heads, config.width);
  check_divides_width("bands", config.bands, config.width);
  const EncodingType encoding = config.encoding.type;
  if (encoding != EncodingType::fourier && encoding != EncodingType::learned) {
    throw core::ConfigError("model.encoding.type is " + std::string(core::name(encoding)) +
                            ", but edgeconv_attention divides the scales of an encoding into "
                            "bands: set fourier or learned");
  }
  if (static_cast<std::size_t>(config.bands) <= config.encoding.scales.size()) return;
  throw core::ConfigError(
      "model.bands is " + std::to_string(config.bands) + ", but model.encoding.scales has only " +
      std::to_string(config.encoding.scales.size()) + " scales to divide; lower it");
}

}  // namespace stationhit::architecture
