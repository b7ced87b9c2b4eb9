// Writes an ONNX file of a network with random weights, for tests of programs: make_random_model
// ARCHITECTURE FILE [INTERFACE [EDGES [FEATURE]]], for example edgeconv m.onnx edges
// fully_connected; FEATURE takes the place of driftR.
#include <exception>
#include <iostream>
#include <string>

#include <torch/torch.h>

#include <stationhit/exporter/exporter.hpp>
#include <stationhit/models/network.hpp>

int main(int argc, char** argv) {
  using namespace stationhit;
  if (argc < 3) return 2;
  try {
    torch::manual_seed(1);
    architecture::ModelConfig config;
    config.architecture = argv[1];
    const features::NormalizationConstants constants{{0, 0, 0, 5, 10},
                                                     {1e-3F, 1e-3F, 1e-2F, 0.2F, 0.1F}};
    const std::string feature = argc > 5 ? argv[5] : "driftR";
    const auto network = models::build_network(
        config, {"localX", "localY", "localZ", feature, "stationIndex"}, constants);
    exporter::Provenance provenance;
    provenance.thresholds = {{"0.985", 0.0F}, {"0.99", -0.05F}, {"0.995", -0.1F}};
    if (argc > 4) provenance.graph.edges = core::value_of<graph::EdgeKind>(argv[4]).value();
    const bool edges = argc > 3 && std::string(argv[3]) == "edges";
    exporter::export_network(*network, provenance,
                             edges ? exporter::Interface::edges : exporter::Interface::table)
        .write(argv[2]);
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
  return 0;
}
