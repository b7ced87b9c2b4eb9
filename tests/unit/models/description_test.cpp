// The networks have the tensors that their descriptions list.
#include <map>

#include <gtest/gtest.h>
#include <support/known_networks.hpp>

#include <stationhit/architecture/cost.hpp>
#include <stationhit/architecture/network_description.hpp>
#include <stationhit/models/network.hpp>

namespace stationhit {
namespace {

using architecture::DiscreteEncoding;
using architecture::EncodingType;
using architecture::ModelConfig;
using architecture::TensorKind;

using Shapes = std::map<std::string, std::vector<std::int64_t>>;

const std::vector<std::string> features =
    test::with_map_features({"localY", "technology", "driftR", "stationEta"});
const features::NormalizationConstants constants{{1, 2, 3, 4, 5, 6, 7, 8},
                                                 {1, 2, 3, 4, 5, 6, 7, 8}};

template <class Items>
Shapes shapes_of(const Items& items) {
  Shapes shapes;
  for (const auto& item : items) shapes[item.key()] = item.value().sizes().vec();
  return shapes;
}

void expect_described(const ModelConfig& config) {
  const auto network = models::build_network(config, features, constants);
  Shapes parameters, buffers;
  const auto description = architecture::describe_network(config, features);
  for (const auto& [name, tensor] : architecture::tensors_by_name(description))
    (tensor.kind == TensorKind::parameter ? parameters : buffers)[name] = tensor.shape;
  EXPECT_EQ(parameters, shapes_of(network->named_parameters()));
  EXPECT_EQ(buffers, shapes_of(network->named_buffers()));
  std::uint64_t trained = 0;
  for (const auto& parameter : network->parameters())
    trained += static_cast<std::uint64_t>(parameter.numel());
  EXPECT_EQ(architecture::compute_cost(description).parameters, trained);
}

TEST(Description, TensorsOfEveryNetworkAndCombinationOfOptions) {
  for (const auto& name : architecture::known_networks()) {
    for (const int layers : {1, 2}) {
      for (const int heads : {1, 4}) {
        ModelConfig config;
        config.architecture = name;
        config.message_layers = layers;
        config.layer_norm = layers == 2;
        config.heads = heads;
        config.bands = heads;
        config.blocks = heads == 1 ? 1 : 3;
        if (layers == 2) config.head = {32, 16};
        if (layers == 2 && name != "mlp") config.edge_features = {"driftR", "localY"};
        SCOPED_TRACE(name + ", " + std::to_string(layers) + " message layers, " +
                     std::to_string(heads) + " heads");
        expect_described(config);
      }
    }
  }
}

TEST(Description, TensorsOfEveryEncoding) {
  for (const auto& type : core::all_names<EncodingType>()) {
    for (const auto& discrete : core::all_names<DiscreteEncoding>()) {
      for (const auto& name : architecture::known_networks()) {
        ModelConfig config;
        config.architecture = name;
        config.encoding.type = core::value_of<EncodingType>(type).value();
        config.encoding.discrete = core::value_of<DiscreteEncoding>(discrete).value();
        const bool has_bands = config.encoding.type == EncodingType::fourier ||
                               config.encoding.type == EncodingType::learned;
        if (name == "edgeconv_attention" && !has_bands) continue;
        SCOPED_TRACE(name + ", " + std::string(type) + ", " + std::string(discrete));
        expect_described(config);
      }
    }
  }
}

TEST(Description, WithoutNormalizationItsTensorsAreAbsent) {
  const auto network = models::build_network(ModelConfig{}, features, std::nullopt);
  const auto described =
      architecture::tensors_by_name(architecture::describe_network(ModelConfig{}, features));
  for (const auto& item : network->named_buffers())
    EXPECT_NE(described.at(item.key()).kind, TensorKind::normalization);
}

}  // namespace
}  // namespace stationhit
