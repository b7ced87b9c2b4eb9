// What each source adds to the module.
#pragma once

#include <nanobind/nanobind.h>

namespace stationhit::python {

void add_hit_classifier(nanobind::module_& module);
void add_network_inputs(nanobind::module_& module);
void add_metrics(nanobind::module_& module);
void add_splits(nanobind::module_& module);

}  // namespace stationhit::python
