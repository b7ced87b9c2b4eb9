// Checks a model against the deployment contract before a session is created.
#pragma once

#include <string>

#include <stationhit/inference/onnx_model.hpp>
#include <stationhit/onnx_file/model_file.hpp>

namespace stationhit::inference {

struct ModelContract {
  Interface interface = Interface::nodes;
  TableInputs table;
  onnx_file::ModelMetadata metadata;
  graph::GraphConfig graph;
};

// Throws DataError naming `where` (the file).
[[nodiscard]] ModelContract check_contract(const onnx_file::ModelFile& file,
                                           const std::string& where);

}  // namespace stationhit::inference
