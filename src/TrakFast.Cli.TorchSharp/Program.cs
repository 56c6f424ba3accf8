using TrakFast.Cli;
using TrakFast.Cli.TorchSharp;

return TrakFastTool.RunProcess(args, new TorchEngine());
