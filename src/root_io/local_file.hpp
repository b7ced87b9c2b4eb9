// ROOT files on open descriptors. ROOT takes the names of files for URLs: '#', '?' and '|' end the
// name, '$' and '~' are expanded, "x://" chooses a protocol. A descriptor has no name, so what was
// opened by the operating system is what ROOT reads and writes.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include <TFile.h>

namespace stationhit::root_io {

// The descriptor must be open for reading; the file closes it in every case. Messages of ROOT speak
// of `name`. Check IsZombie() and the collected RootMessages afterwards, as after TFile::Open.
[[nodiscard]] std::unique_ptr<TFile> read_descriptor(int descriptor, const std::string& name);

// The descriptor must be open for reading and writing and its file be empty; the file closes it in
// every case. The last part of the name is stored in the file.
[[nodiscard]] std::unique_ptr<TFile> write_descriptor(int descriptor, const std::string& name,
                                                      int compression);

// The same path without repeated slashes: the classes of RNTuple open local files by their plain
// name, unless it contains "://".
[[nodiscard]] std::string plain_name(const std::filesystem::path& path);

}  // namespace stationhit::root_io
