// The user information of a tree that names the sample. Private to the module.
#pragma once

#include <TTree.h>

#include <stationhit/core/sample_info.hpp>

namespace stationhit::root_io {

// Adds only what is known about the sample.
void add_sample_info(TTree& tree, const core::SampleInfo& sample);

}  // namespace stationhit::root_io
