// The extension module: exceptions, then what the other sources add.
#include <nanobind/nanobind.h>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/version.hpp>

#include "bindings.hpp"

namespace nb = nanobind;
using namespace stationhit;

NB_MODULE(_stationhit, module) {
  module.doc() = "Compiled part of the package stationhit; use the package.";
  const nb::object error = nb::exception<core::Error>(module, "Error", PyExc_ValueError);
  nb::exception<core::UsageError>(module, "UsageError", error.ptr());
  nb::exception<core::ConfigError>(module, "ConfigError", error.ptr());
  nb::exception<core::DataError>(module, "DataError", error.ptr());
  module.attr("_version") = nb::str(core::version().data(), core::version().size());

  python::add_hit_classifier(module);
  python::add_network_inputs(module);
  python::add_metrics(module);
  python::add_splits(module);
}
