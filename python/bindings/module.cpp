// The extension module: exceptions, then what the other sources add.
#include <nanobind/nanobind.h>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/version.hpp>

#include "bindings.hpp"

namespace nb = nanobind;
using namespace stationhit;

namespace {

// Raised in the place of a C++ exception of this type.
template <class Exception>
nb::object add_exception(nb::module_& module, const char* name, nb::handle base) {
  return nb::exception<Exception>(module, name, base);
}

}  // namespace

NB_MODULE(_stationhit, module) {
  module.doc() = "Compiled part of the package stationhit; use the package.";
  const nb::object error = add_exception<core::Error>(module, "Error", PyExc_ValueError);
  add_exception<core::UsageError>(module, "UsageError", error);
  add_exception<core::ConfigError>(module, "ConfigError", error);
  add_exception<core::DataError>(module, "DataError", error);
  module.attr("_version") = nb::str(core::version().data(), core::version().size());

  python::add_hit_classifier(module);
  python::add_network_inputs(module);
  python::add_metrics(module);
  python::add_splits(module);
}
