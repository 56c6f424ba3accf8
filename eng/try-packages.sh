#!/usr/bin/env bash
# Uses the packages of artifacts/packages as a stranger would, in a folder away from the repository: adds each by its name, builds and runs
# the README's library sample and the task of docs/custom-task.md as they stand there, both as native code too, and installs the tools.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
packages=$root/artifacts/packages
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
fail() { echo "$1" >&2; exit 1; }

set -- "$packages"/TrakFast.Kernels.[0-9]*.nupkg
[ -f "$1" ] || fail "There are no packages in $packages: run dotnet cake --target=Pack."
version=$(basename "$1" .nupkg)
version=${version#TrakFast.Kernels.}

# NuGet keeps what it has unpacked by name and version, and would take what an earlier try left: the rest is shared, these are not.
mkdir "$folder/cache"
for package in "${NUGET_PACKAGES:-$HOME/.nuget/packages}"/*; do
    case $(basename "$package") in trakfast*) ;; *) ln -s "$package" "$folder/cache/" ;; esac
done
export NUGET_PACKAGES=$folder/cache
cat > "$folder/nuget.config" << XML
<configuration>
  <packageSources>
    <add key="built" value="$packages" />
  </packageSources>
</configuration>
XML

# project NAME PACKAGE...: a console program with packages.
project() {
    mkdir "$folder/$1"
    cd "$folder/$1"
    cat > "$1.csproj" << 'XML'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType>
    <TargetFramework>net10.0</TargetFramework>
    <ImplicitUsings>enable</ImplicitUsings>
    <Nullable>enable</Nullable>
    <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
    <IlcTreatWarningsAsErrors>true</IlcTreatWarningsAsErrors>
  </PropertyGroup>
</Project>
XML
    for package in "${@:2}"; do dotnet add package "$package" --version "$version" > add.log || { cat add.log; fail "$package cannot be added."; }; done
}

# block PAGE TEXT: the first block of C# on a page that holds a text.
block() {
    awk -v text="$2" '/^```csharp$/ { code = ""; inside = 1; next } /^```$/ && inside { inside = 0; if (index(code, text)) { printf "%s", code; found = 1; exit } } inside { code = code $0 "\n" } END { exit !found }' \
        "$root/$1" || fail "$1 has no block of C# with «$2»."
}

# examples: runs a program, which must print five examples.
examples() { "$@" | tee printed.txt; [ "$(grep -c '^TrainScore { Index = [0-9]' printed.txt)" = 5 ] || fail "$* does not print five examples."; }

# run NAME: builds and runs a program in a folder of the sample's data, and does the same with it as native code.
run() {
    local seconds=$SECONDS
    dotnet build -c Release -v quiet -nologo -o "$folder/$1/built"
    mkdir "$folder/$1/data" && cd "$folder/$1/data" && cp "$root"/samples/Library/data/* .
    examples dotnet "$folder/$1/built/$1.dll"
    echo "$1: $((SECONDS - seconds)) s"
    if "$root/eng/has-native-toolchain.sh"; then
        seconds=$SECONDS
        dotnet publish "$folder/$1" -c Release -v quiet -nologo -p:PublishAot=true -o "$folder/$1/native"
        rm -r run
        examples "$folder/$1/native/$1"
        echo "$1, native: $((SECONDS - seconds)) s"
    else
        echo "Native publishing is skipped: no C compiler with zlib's headers is found (Debian's packages clang and zlib1g-dev)."
    fi
}

project library TrakFast.Onnx
block README.md 'OnnxModel.Load("model.onnx")' > Program.cs
case $(cat "$root/samples/Library/Program.cs") in
    *"$(sed '1,/^$/d' Program.cs)"*) ;;
    *) fail "samples/Library/Program.cs is not the README's library sample." ;;
esac
run library

project task TrakFast.Onnx
cat > Program.cs << 'CODE'
using TrakFast;
using TrakFast.Onnx;

// Handwritten digits with ten tags each: tag t is there where the digit is t.
using OnnxModel model = OnnxModel.Load("model.onnx");
using NpyDataset train = NpyDataset.Open([("image", "train.image.npy"), ("label", "train.label.npy")]);
Checkpoint checkpoint = SafetensorsFile.Read("checkpoint_0.safetensors");

using Traker traker = new(model, new Tags(), train.Count, new TrakOptions { SaveDirectory = "run", ProjectionDimension = 256 });
traker.LoadCheckpoint(checkpoint, modelId: 0);
await traker.FeaturizeAsync(Tagged());
traker.FinalizeFeatures();
traker.StartScoringCheckpoint("itself", checkpoint, modelId: 0, train.Count);
await traker.ScoreAsync(Tagged());
using Scores scores = traker.FinalizeScores("itself");
foreach (var proponent in scores.Top(target: 0, count: 5)) Console.WriteLine(proponent);

async IAsyncEnumerable<Batch> Tagged()
{
    await foreach (Batch batch in train.Batches(32))
    {
        long[] labels = batch["label"].ToLongs();
        float[] signs = [.. from label in labels from tag in Enumerable.Range(0, 10) select tag == label ? 1f : -1f];
        yield return new Batch(("image", batch["image"]), ("sign", DataArray.From(signs, labels.Length, 10)));
    }
}

CODE
block docs/custom-task.md 'class Tags : ModelOutput' | sed '/^using /d' >> Program.cs
run task

# Every library in one program.
project everything TrakFast.Kernels TrakFast.Kernels.Cuda TrakFast TrakFast.Onnx TrakFast.TorchSharp TrakFast.Onnx.TorchSharp
cat > Program.cs << 'CODE'
Type[] types =
[
    typeof(TrakFast.Kernels.IKernelBackend), typeof(TrakFast.Kernels.CudaBackend), typeof(TrakFast.Traker), typeof(TrakFast.Onnx.OnnxModel),
    typeof(TrakFast.TorchSharp.TorchModel), typeof(TrakFast.TorchSharp.TorchOnnxModel),
];
foreach (Type type in types) Console.WriteLine($"{type.FullName} {type.Assembly.GetName().Version}");
CODE
dotnet build -c Release -v quiet -nologo -o built
dotnet built/everything.dll
for file in "$packages"/*.nupkg; do
    name=$(basename "$file" ".$version.nupkg" | tr '[:upper:]' '[:lower:]')
    case $name in *.cli*) continue ;; esac
    cmp "$file" "$folder/cache/$name/$version/$name.$version.nupkg" || fail "$name came from another source than $packages."
done

cd "$folder"
dotnet tool install TrakFast.Cli --version "$version" --tool-path tools
dotnet tool install TrakFast.Cli.TorchSharp --version "$version" --tool-path tools
tools/trakfast doctor
tools/trakfast-torch doctor
