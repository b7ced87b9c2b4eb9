// Writes the model logit = x + 2 y of known_models.hpp: make_known_model FILE
#include "known_models.hpp"

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  stationhit::test::GraphBuilder graph = stationhit::test::nodes_model();
  graph.metadata(stationhit::onnx_file::to_properties(stationhit::test::known_metadata()));
  graph.write(argv[1]);
  return 0;
}
