#include "frame/model_argument.hpp"

#include <fstream>

#include <stationhit/core/errors.hpp>

namespace stationhit::app {
namespace {

// By its first bytes; the name may be anything.
bool is_root_file(const std::filesystem::path& path) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) return false;
  std::string start(4, '\0');
  std::ifstream(path, std::ios::binary).read(start.data(), 4);
  return start == "root";
}

}  // namespace

void require_no_ntuple(const std::filesystem::path& model, const std::string& call) {
  if (!is_root_file(model)) return;
  throw core::UsageError(model.string() +
                         ": is a ROOT file, the first argument is the ONNX file: " + call);
}

}  // namespace stationhit::app
