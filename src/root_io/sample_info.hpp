// The user information of a tree that names the sample. Private to the module.
#pragma once

#include <cstdint>

#include <TTree.h>

#include <stationhit/core/sample_info.hpp>

namespace stationhit::root_io {

// Adds only what is known about the sample.
void add_sample_info(TTree& tree, const core::SampleInfo& sample);
// Adds the number of events of which the information speaks: hadd keeps that of its first file.
void add_sample_size(TTree& tree, std::uint64_t events);

}  // namespace stationhit::root_io
