#include "frame/model_argument.hpp"

#include <stationhit/core/errors.hpp>
#include <stationhit/core/file_kind.hpp>

namespace stationhit::app {

void require_no_ntuple(const std::filesystem::path& model, const std::string& call) {
  if (!core::is_of_kind(model, core::FileKind::root)) return;
  throw core::UsageError(model.string() +
                         ": is a ROOT file, the first argument is the ONNX file: " + call);
}

}  // namespace stationhit::app
