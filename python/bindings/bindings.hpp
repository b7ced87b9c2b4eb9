// What each source adds to the module.
#pragma once

#include <nanobind/nanobind.h>

namespace stationhit::python {

void add_hit_classifier(nanobind::module_& module);

}  // namespace stationhit::python
