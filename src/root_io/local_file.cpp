// TFile opens nothing by itself when its option is "NET": classes for remote files are made this
// way. The class here does what the constructor of TFile does after it has opened a local file.
#include "local_file.hpp"

#include <sys/stat.h>

#include "root_session.hpp"

namespace stationhit::root_io {
namespace {

enum class FileUse { read, create };

class LocalFile final : public TFile {
 public:
  LocalFile(int descriptor, const std::string& name, FileUse use, int compression)
      // The name is given afterwards: the constructor would look for options of a URL in it.
      : TFile("local.root", "NET", "", compression) {
    // Init makes a URL of the name as well, which fails for folders with a colon in their names.
    SetName(std::filesystem::path(name).filename().c_str());
    fD = descriptor;
    fRealName = name.c_str();
    fOption = use == FileUse::create ? "CREATE" : "READ";
    fWritable = use == FileUse::create;
    // The global list of open files is guarded by a lock that all threads share; files are used in
    // one thread here.
    fGlobalRegistration = false;
    Init(use == FileUse::create);
    SetName(name.c_str());
  }

 protected:
  // TFile asks for the size by name.
  Int_t SysStat(Int_t file, Long_t* id, Long64_t* size, Long_t* flags, Long_t* changed) override {
    struct stat status {};
    if (::fstat(file, &status) != 0) return 1;
    *id = static_cast<Long_t>(status.st_ino);
    *size = status.st_size;
    *flags = 0;
    *changed = status.st_mtime;
    return 0;
  }
};

}  // namespace

std::unique_ptr<TFile> read_descriptor(int descriptor, const std::string& name) {
  start_root();
  return std::make_unique<LocalFile>(descriptor, name, FileUse::read, 1);
}

std::unique_ptr<TFile> write_descriptor(int descriptor, const std::string& name, int compression) {
  start_root();
  return std::make_unique<LocalFile>(descriptor, name, FileUse::create, compression);
}

std::string plain_name(const std::filesystem::path& path) {
  std::filesystem::path name;
  for (const std::filesystem::path& part : path) name /= part;
  return name.string();
}

}  // namespace stationhit::root_io
