// Writes an ONNX file of a network with random weights, for tests of programs: make_random_model
// ARCHITECTURE FILE [INTERFACE [EDGES [FEATURE]]], for example edgeconv m.onnx edges
// fully_connected; FEATURE takes the place of driftR. Networks that need them get the features of
// maps of the station layers too.
#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include <torch/torch.h>

#include <stationhit/architecture/network_description.hpp>
#include <stationhit/exporter/exporter.hpp>
#include <stationhit/models/network.hpp>

namespace {

using namespace stationhit;

// Features and their constants, one behind the other.
struct Inputs {
  std::vector<std::string> names;
  features::NormalizationConstants constants;
};

void add_map_features(Inputs& inputs) {
  for (const char* name : architecture::map_features) {
    inputs.names.emplace_back(name);
    inputs.constants.mean.push_back(0);
    inputs.constants.inv_std.push_back(1);
  }
}

// Of hits that are drawn around the mean of every feature, half pass the first stage.
void choose_threshold(models::Network& network, const Inputs& inputs) {
  const torch::NoGradGuard no_grad;
  models::GraphTensors graph;
  graph.features =
      torch::randn({2000, std::ssize(inputs.names)}) / torch::tensor(inputs.constants.inv_std) +
      torch::tensor(inputs.constants.mean);
  graph.neighbors = torch::full({2000, 16}, -1, torch::kInt);
  const auto kept = network.survivors(graph);
  network.named_buffers()["first_stage_threshold"].fill_(kept->graph.first_logits.median());
}

std::shared_ptr<models::Network> random_network(const std::string& name,
                                                const std::string& feature) {
  architecture::ModelConfig config;
  config.architecture = name;
  Inputs inputs{{"localX", "localY", "localZ", feature, "stationIndex"},
                {{0, 0, 0, 5, 10}, {1e-3F, 1e-3F, 1e-2F, 0.2F, 0.1F}}};
  const bool two_stages = has_first_stage(config);
  if (two_stages) {
    config.encoding.features = config.first_stage.encoding.features = inputs.names;
    add_map_features(inputs);
  }
  auto network = models::build_network(config, inputs.names, inputs.constants);
  if (two_stages) choose_threshold(*network, inputs);
  return network;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  try {
    torch::manual_seed(1);
    const auto network = random_network(argv[1], argc > 5 ? argv[5] : "driftR");
    exporter::Provenance provenance;
    provenance.thresholds = {{"0.985", 0.0F}, {"0.99", -0.05F}, {"0.995", -0.1F}};
    if (argc > 4) provenance.graph.edges = core::value_of<graph::EdgeKind>(argv[4]).value();
    const std::string interface = argc > 3 ? argv[3] : "table";
    exporter::export_network(*network, provenance,
                             core::value_of<exporter::Interface>(interface).value())
        .write(argv[2]);
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
  return 0;
}
