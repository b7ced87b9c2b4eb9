// ROOT files on other machines.
#pragma once

#include <filesystem>
#include <memory>

#include <TFile.h>

#include "root_session.hpp"

namespace stationhit::root_io {

// Opens with the class that ROOT has for the protocol of the name. `messages` collects on this
// thread. Throws DataError naming the file: this build of ROOT has no such class, or it cannot open
// the file. Check IsZombie() and the messages afterwards, as after TFile::Open.
[[nodiscard]] std::unique_ptr<TFile> open_remote_file(const std::filesystem::path& path,
                                                      const RootMessages& messages);

}  // namespace stationhit::root_io
