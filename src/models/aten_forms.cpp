#include <utility>

#include <stationhit/models/aten_forms.hpp>

namespace stationhit::models {
namespace {

thread_local bool torch_only = false;

}  // namespace

AtenForms::AtenForms() : before_(std::exchange(torch_only, true)) {}

AtenForms::~AtenForms() { torch_only = before_; }

bool runs_in_kernels(const torch::Tensor& values) { return values.is_cpu() && !torch_only; }

}  // namespace stationhit::models
