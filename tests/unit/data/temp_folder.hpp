// The names by which the tests of materialized data know the folder and the texts of errors.
#pragma once

#include <support/expected_error.hpp>
#include <support/scratch_folder.hpp>

namespace stationhit::data {

using TempFolder = test::ScratchFolder;
using test::data_error;

}  // namespace stationhit::data
