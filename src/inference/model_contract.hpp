// Checks a model against the deployment contract before a session is created.
#pragma once

#include <string>

#include <stationhit/inference/model.hpp>
#include <stationhit/onnx_file/model_file.hpp>

namespace stationhit::inference {

// Throws DataError naming `where` (the file).
[[nodiscard]] ModelContract check_contract(const onnx_file::ModelFile& file,
                                           const std::string& where);

}  // namespace stationhit::inference
