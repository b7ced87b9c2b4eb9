// Event files for TensorBoard.
#pragma once

#include <filesystem>
#include <memory>

#include <stationhit/tracking/tracker.hpp>

namespace stationhit::tracking {

// Writes one event file into the folder, which start() makes. Metrics become scalars, figures
// images, configuration, versions, machine and end state texts; their step is
// Moment::axis_value(). A training that is
// continued adds another file, and TensorBoard shows all files of a folder as one run. Its
// functions throw DataError naming the file (folder cannot be made, disk full, a figure that is no
// PNG file).
[[nodiscard]] std::unique_ptr<Tracker> make_tensorboard_tracker(std::filesystem::path folder);

}  // namespace stationhit::tracking
