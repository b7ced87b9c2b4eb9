// Writes the network of known_network.hpp: make_known_model FILE
#include "known_network.hpp"

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  stationhit::test::GraphBuilder graph = stationhit::test::network_model();
  graph.metadata(stationhit::onnx_file::to_properties(stationhit::test::known_network_metadata()));
  graph.write(argv[1]);
  return 0;
}
