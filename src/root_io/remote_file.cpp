// ROOT chooses the class of a remote file by its protocol among its plugins. Some that are listed
// are not there: their library was not built, or it lacks the constructor. Without a class,
// TFile::Open would look for a file of this machine, so that is found out before.
#include "remote_file.hpp"

#include <string>

#include <TPluginManager.h>
#include <TROOT.h>

#include <stationhit/core/crash_note.hpp>
#include <stationhit/core/errors.hpp>
#include <stationhit/core/input_files.hpp>
#include <stationhit/root_io/remote_bytes.hpp>

#include "root_session.hpp"

namespace stationhit::root_io {
namespace {

[[noreturn]] void refuse_protocol(const std::filesystem::path& path) {
  const std::string protocol = core::protocol_of(path);
  if (protocol == "file")
    throw core::DataError(path.string() + ": give the path itself, without file://");
  throw core::DataError(
      path.string() + ": the ROOT of this build cannot open " + protocol +
      ":// names; copy the file to this machine (xrdcp, curl) and give the copy, or build with a "
      "ROOT that can (root-config --features: xrootd for root://, davix for http:// and davs://)");
}

bool has_class_for(const std::filesystem::path& path) {
  TPluginHandler* handler = gROOT->GetPluginManager()->FindHandler("TFile", path.c_str());
  return handler != nullptr && handler->CheckPlugin() == 0 && handler->LoadPlugin() == 0;
}

}  // namespace

std::unique_ptr<TFile> open_remote_file(const std::filesystem::path& path,
                                        const RootMessages& messages) {
  if (!has_class_for(path)) refuse_protocol(path);
  std::unique_ptr<TFile> file(TFile::Open(path.c_str(), "READ"));
  if (file == nullptr && messages.error().find("(TPluginHandler") != std::string::npos)
    refuse_protocol(path);
  if (file == nullptr)
    throw core::DataError(path.string() +
                          ": cannot be opened; check the name, the server and your credentials "
                          "(ROOT: " +
                          messages.error() + ")");
  // The classes keep the part behind the host only.
  file->SetName(path.c_str());
  return file;
}

struct RemoteBytes::Impl {
  std::filesystem::path path;
  std::unique_ptr<TFile> file;
};

RemoteBytes::RemoteBytes(const std::filesystem::path& path)
    : impl_(new Impl{path, open_file(path, core::UnfinishedFiles::read)}) {}

RemoteBytes::~RemoteBytes() = default;

std::uint64_t RemoteBytes::size() const {
  return static_cast<std::uint64_t>(impl_->file->GetSize());
}

void RemoteBytes::read(std::uint64_t offset, std::span<char> buffer) const {
  const core::CrashNote note(impl_->path.string());
  const RootMessages messages;
  const auto length = static_cast<Int_t>(buffer.size());
  if (!impl_->file->ReadBuffer(buffer.data(), static_cast<Long64_t>(offset), length)) return;
  throw core::DataError(impl_->path.string() + ": reading failed (ROOT: " + messages.error() + ")");
}

}  // namespace stationhit::root_io
