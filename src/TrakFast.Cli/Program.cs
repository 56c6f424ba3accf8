Console.WriteLine("trakfast");
